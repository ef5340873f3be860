# SPDX-License-Identifier: Apache-2.0
"""Errors: what went wrong, as a code and a status, never as a page.

Kept here: one root; each family has one stable `code` (for programs) and one HTTP `status`; an error may name the
fields at fault, the remedy and the rule it rests on. `problem` renders any of them as RFC 9457 problem details.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class DatongError(Exception):
    """Root of all errors of the platform.

    Attributes:
        message: One sentence for the person who has to act.
        fields: Field name to what is wrong with it.
        remedy: What the caller can do about it.
        rule: The clause or setting the refusal rests on.
        retry_after: Seconds after which asking again may help; None when it does not depend on time.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    retry_after: ClassVar[int | None] = None

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, str] | None = None,
        remedy: str | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields: dict[str, str] = dict(fields or {})
        self.remedy = remedy
        self.rule = rule


class Malformed(DatongError):
    """The input does not have the shape it must have."""

    code, status, title = "malformed", 422, "Malformed input"


class Unauthenticated(DatongError):
    """Nobody knows who is asking."""

    code, status, title = "unauthenticated", 401, "Not signed in"


class Refused(DatongError):
    """The caller may not do this."""

    code, status, title = "refused", 403, "Refused"


class Unknown(DatongError):
    """There is no such thing, or none the caller may see: both look alike."""

    code, status, title = "unknown", 404, "Unknown"


class Conflict(DatongError):
    """Someone else was first, or the thing exists already."""

    code, status, title = "conflict", 409, "Conflict"


class IllegalMove(DatongError):
    """A stage that does not follow from the present one was asked for."""

    code, status, title = "illegal_move", 409, "Illegal move"

    def __init__(self, subject: str, now: str, wanted: str, *, remedy: str | None = None) -> None:
        super().__init__(f"{subject} cannot go from {now} to {wanted}", fields={"stage": f"now {now}"}, remedy=remedy)
        self.subject, self.now, self.wanted = subject, str(now), str(wanted)

    def __reduce__(self) -> tuple[type["IllegalMove"], tuple[str, str, str]]:
        return (type(self), (self.subject, self.now, self.wanted))


class Throttled(DatongError):
    """Too much in too short a time, or a quota is used up."""

    code, status, title = "throttled", 429, "Too many requests"


class Unavailable(DatongError):
    """The platform cannot answer now; asking again later may help."""

    code, status, title = "unavailable", 503, "Unavailable"


def problem(error: DatongError) -> dict[str, Any]:
    """Render an error as RFC 9457 problem details.

    Args:
        error: Any error of the platform.

    Returns:
        type, title, status, detail and code always; errors, remedy and rule where the error has them.
    """
    body: dict[str, Any] = {
        "type": f"urn:datong:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
    }
    extras = {"errors": error.fields, "remedy": error.remedy, "rule": error.rule}
    return body | {name: value for name, value in extras.items() if value}
