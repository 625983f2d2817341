"""Refusals: what a person asked for and cannot have, with the reason and the remedy.

A refusal carries a stable ``code`` for programs and a Chinese message for people; the message is
translated where it is shown (HTML page or ``application/problem+json``, RFC 9457).
"""

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for "mark, translate later"
    """Mark a message for translation; it is translated where it is shown."""
    return message


class Refused(Exception):  # noqa: N818 - reads as the claim it makes
    """Something a user may mend.

    ``params`` fill the message's ``%(name)s`` places.  Three of them have a meaning of their own:
    ``field`` (full question id or form field), ``remedy`` (a second message) and ``code``.
    """

    status: ClassVar[int] = 400
    code: str = "refused"
    passes: ClassVar[bool] = False
    """Whether the very same call may go through later."""

    def __init__(self, message: str, *, code: str | None = None, **params: object) -> None:
        super().__init__(message)
        self.message = message
        self.params = params
        self.code = code or type(self).code

    @property
    def field(self) -> str | None:
        """The field the refusal is about, if it is about one."""
        field = self.params.get("field")
        return field if isinstance(field, str) else None

    def __str__(self) -> str:
        """Return the untranslated message with its places filled."""
        return self.message % self.params if self.params else self.message


class Invalid(Refused):
    """What was sent cannot be taken as it is."""

    status = 422
    code = "invalid"


class NotFound(Refused):
    """It is not there, or not there for this user."""

    status = 404
    code = "not_found"


class Forbidden(Refused):
    """The user's role does not reach this far."""

    status = 403
    code = "forbidden"


class Unauthenticated(Refused):
    """Nobody is signed in."""

    status = 401
    code = "unauthenticated"


class Conflict(Refused):
    """Somebody else was first, or the moment has passed."""

    status = 409
    code = "conflict"


class TooLarge(Refused):
    """More bytes than are taken here."""

    status = 413
    code = "too_large"


class Unsupported(Refused):
    """It came in a form that is not read here."""

    status = 415
    code = "unsupported"


class Busy(Refused):
    """Too many at once; the same call may go through later."""

    status = 429
    code = "busy"
    passes = True
