"""What the product refuses, and why. Web pages and API turn these into their own answers."""

from collections.abc import Mapping


class Refusal(Exception):
    """A request that we understood and do not fulfil. ``message`` is for the person who asked."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class Malformed(Refusal):
    """Not a request that anybody could understand."""


class Invalid(Refusal):
    """Some fields cannot be accepted; ``problems`` maps a field's name to what is wrong with it."""

    status = 422
    code = "invalid"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Please correct: " + "; ".join(problems.values()))
        self.problems = dict(problems)


class LoginRequired(Refusal):
    """Nobody is logged in, or the token is not (or no longer) valid."""

    status = 401
    code = "unauthorised"


class Forbidden(Refusal):
    """Logged in, but this takes another role."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """No such thing here: it never existed, was deleted, or belongs to another organisation."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "We could not find that. It may have been deleted.") -> None:
        super().__init__(message)


class Conflict(Refusal):
    """It cannot be done in the present state."""

    status = 409
    code = "conflict"


class Stale(Conflict):
    """The thing has changed since the client read it."""

    code = "stale_version"

    def __init__(self) -> None:
        super().__init__("Somebody else has changed this in the meantime. Nothing was saved.")


class Mismatch(Stale):
    """The same, for a client that named its version in ``If-Match``."""

    status = 412


class KeyReused(Refusal):
    """An idempotency key came with another request before."""

    status = 422
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new key for each request.")


class TooLarge(Refusal):
    """The request's body is larger than we take."""

    status = 413
    code = "too_large"


class TooManyAttempts(Refusal):
    """Wait before you try again."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message, {"Retry-After": str(retry_after_seconds)})


class TooManyRequests(TooManyAttempts):
    """A token asks more often than it may."""

    code = "too_many_requests"
