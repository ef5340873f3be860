# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys: every write of the API is done once for each key, and answered alike each time.

Kept here: the key counts once a request is let in: signed in, token right, input well-formed. What the answer was is
decided with the write itself (organisations: `answer_once`). A field of an answer marked `format: password` is a
secret, and an answer that holds one is not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation
from pydantic import BaseModel

from datong.contexts.organisations import face as organisations
from datong.kernel.errors import Malformed

HEADER = "Idempotency-Key"
REPLAY = "Idempotent-Replay"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]([ -~]{0,253}[!-~])?$"},
    "description": (
        "Name of this write, chosen by the caller. Sent again within 24 hours with the same request it is not done "
        "again: the first answer comes back with `Idempotent-Replay: true`."
    ),
}
SEEN_BEFORE = {"schema": {"type": "string", "enum": ["true"]}, "description": "the answer of the first time"}


def once(api: NinjaAPI) -> None:
    """Give every write of an API that somebody signed in makes its idempotency key.

    To be called when every router is mounted: the framework has no public door to the operations it has bound.
    """
    for router in api._get_bound_routers():  # noqa: SLF001
        for view in router.path_operations.values():
            for operation in view.operations:
                if operation.auth_callbacks and WRITES & set(operation.methods):
                    operation.view_func = _keyed(operation, operation.view_func)


def _keyed(operation: Operation, view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def run(request: HttpRequest, **values: Any) -> Any:
        if HEADER not in request.headers:
            return view(request, **values)
        key, by = _key(request.headers[HEADER]), request.officer
        act = partial(_act, operation, view, request, values)
        return _response(organisations.answer_once(key, digest(request), act, by=by))

    return run


def _key(text: str) -> str:
    if not KEY.fullmatch(text):
        why = "1 至 255 个可见 ASCII 字符 (1 to 255 printable ASCII characters)"
        raise Malformed("幂等键不合格式 (the idempotency key has no such shape)", fields={HEADER: why})
    return text


def _act(operation: Operation, view: Callable[..., Any], request: HttpRequest, values: dict[str, Any]) -> organisations.Answered:
    """Do the write and give its answer as bytes, whether it went well or was refused."""
    blank = operation.api.create_temporal_response(request)
    try:
        response = operation._result_to_response(request, view(request, **values), blank)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001  the API's own handlers know every kind
        response = operation.api.on_exception(request, error)
    secret = any(_secrets(operation, response))
    return organisations.Answered(response.status_code, response.headers.get("Content-Type", ""), response.content, secret)


def _secrets(operation: Operation, response: HttpResponse) -> Iterator[Any]:
    """Give the secrets an answer holds."""
    model = operation.response_models.get(response.status_code)
    if not response.content or not (isinstance(model, type) and issubclass(model, BaseModel)):
        return
    shape = model.model_fields["response"].annotation
    for name, field in getattr(shape, "model_fields", {}).items():
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("format") == "password":
            yield json.loads(response.content).get(name)


def _response(answered: organisations.Answered) -> HttpResponse:
    response = HttpResponse(answered.body, status=answered.status, content_type=answered.kind or None)
    if answered.again:
        response[REPLAY] = "true"
    return response


def digest(request: HttpRequest) -> str:
    """Give the same digest for the same method, address and content; keyed, since the content may hold a password.

    Parts of a form count, not the bytes between them; files are read piece by piece.
    """
    made = hmac.new(settings.SECRET_KEY.encode(), f"{request.method} {request.get_full_path()}\n".encode(), hashlib.sha256)
    if request.content_type != "multipart/form-data":
        made.update(hashlib.sha256(request.body).digest())
        return made.hexdigest()
    for name in sorted(request.POST):
        made.update(json.dumps([name, request.POST.getlist(name)]).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            inside = hashlib.sha256()
            for piece in file.chunks():
                inside.update(piece)
            file.seek(0)
            made.update(json.dumps([name, file.name, inside.hexdigest()]).encode())
    return made.hexdigest()
