"""What we refuse, and why. Pages and API turn a refusal into an answer of their own."""

from collections.abc import Mapping


class Refusal(Exception):
    """A request that we understood and do not fulfil; ``message`` is for the person who asked."""

    status = 400
    code = "bad_request"
    title = "Not understood"

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class Malformed(Refusal):
    """Not a request that anybody could understand."""


class LoginRequired(Refusal):
    """Nobody is logged in, or the token is not (or no longer) valid."""

    status, code, title = 401, "unauthorised", "Please log in"


class Forbidden(Refusal):
    """It takes another role."""

    status, code, title = 403, "forbidden", "Not allowed"


class NotFound(Refusal):
    """It does not exist, or belongs to another firm: who asks cannot tell which."""

    status, code, title = 404, "not_found", "Not found"

    def __init__(self, message: str = "We could not find that.") -> None:
        super().__init__(message)


class Conflict(Refusal):
    """It cannot be done in the present state."""

    status, code, title = 409, "conflict", "Not possible now"


class KeyReused(Conflict):
    """An idempotency key came with a second, different request."""

    code = "idempotency_key_reused"


class TooLarge(Refusal):
    """The body is larger than we take."""

    status, code, title = 413, "too_large", "Too large"


class Invalid(Refusal):
    """Some fields cannot be accepted; ``problems`` says by name what is wrong."""

    status, code, title = 422, "invalid", "Please correct"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Please correct: " + "; ".join(problems.values()))
        self.problems = dict(problems)


class TooManyAttempts(Refusal):
    """Wait before the next attempt."""

    status, code, title = 429, "too_many_attempts", "Please wait"

    def __init__(self, message: str, wait_seconds: int) -> None:
        super().__init__(message, {"Retry-After": str(wait_seconds)})
