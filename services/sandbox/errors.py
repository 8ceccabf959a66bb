"""The boundary between us and what runs in a sandbox."""


class SandboxError(Exception):
    """The sandbox could not be made or used; the text says what is missing and what to do."""
