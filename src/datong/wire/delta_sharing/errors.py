# SPDX-License-Identifier: Apache-2.0
"""Errors as the protocol has them: a code of its own list and a sentence the client prints to its user."""

from typing import Any, Final

from datong.kernel.errors import DatongError

CODES: Final = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    405: "UNSUPPORTED_OPERATION",
    429: "RESOURCE_EXHAUSTED",
    503: "TEMPORARILY_UNAVAILABLE",
}


def status(error: DatongError) -> int:
    """Give the HTTP status: what does not read is 400 here, as the protocol knows no 422."""
    return 400 if error.status in (409, 413, 414, 415, 422) else error.status


def body(error: DatongError) -> dict[str, Any]:
    """Give the body of a refusal."""
    words = error.message if error.remedy is None else f"{error.message}; {error.remedy}"
    return {"errorCode": CODES.get(status(error), "INTERNAL_ERROR"), "message": words}
