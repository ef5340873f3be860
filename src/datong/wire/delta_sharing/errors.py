# SPDX-License-Identifier: Apache-2.0
"""Errors as the protocol has them: a code of its own list and a sentence the client prints to its user."""

from typing import Any, Final

from datong.kernel.errors import DatongError, Malformed

CODES: Final = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    405: "UNSUPPORTED_OPERATION",
    429: "RESOURCE_EXHAUSTED",
    503: "TEMPORARILY_UNAVAILABLE",
}


class BadRequest(Malformed):
    """The body of a query is no JSON object, or a value of it of another kind."""

    code, status, title = "malformed_request", 400, "Malformed request"


class NotSupported(Malformed):
    """The protocol knows it, this service does not give it."""

    code, status, title = "unsupported_operation", 400, "Unsupported operation"


class FilesMissing(Malformed):
    """Files of the table were lost on this node."""

    code, status, title = "table_files_missing", 400, "Table files missing"


_OWN: Final = {
    BadRequest.code: "MALFORMED_REQUEST",
    NotSupported.code: "UNSUPPORTED_OPERATION",
    FilesMissing.code: "RESOURCE_DOES_NOT_EXIST",
}


def status(error: DatongError) -> int:
    """Give the HTTP status: what does not read is 400 here, as the protocol knows no 422."""
    return 400 if error.status in (409, 413, 414, 415, 422) else error.status


def body(error: DatongError) -> dict[str, Any]:
    """Give the body of a refusal."""
    words = error.message if error.remedy is None else f"{error.message}; {error.remedy}"
    return {"errorCode": _OWN.get(error.code) or CODES.get(status(error), "INTERNAL_ERROR"), "message": words}
