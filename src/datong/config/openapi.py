# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document of the control plane: what holds for every operation, said once.

Kept here: refusals are problem documents (RFC 9457); every write of somebody signed in takes an idempotency key and
wants the CSRF token; everything is answered in the language asked for. Describing hundreds of operations takes seconds,
and anybody may ask: each process does it once, and describes each kind of answer once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from datong.config import idempotency
from datong.config.problems import KIND

PROBLEM = {"$ref": "#/components/schemas/Problem"}
EVERYWHERE = {400: "the request cannot be read", 422: "the input does not fit", 503: "not able to answer now"}
WRITING = {409: "in conflict with what is there", 413: "the request is too large"}
LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "required": False,
    "schema": {"type": "string", "enum": ["zh-CN", "en"], "default": "zh-CN"},
    "description": "language of the words in problem documents; codes and field names never change",
}
TOKEN = {
    "in": "header",
    "name": "X-CSRFToken",
    "required": False,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9]{64}$"},
    "description": "`csrf_token` of GET /api/v1/session; without it a write is refused (403)",
}


class ControlPlane(NinjaAPI):
    """The API with a document that says what every operation has in common."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._documents: dict[str, Any] = {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None) -> Any:
        """Give the document, to be read only: everybody is given the same."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._described(prefix)
        return self._documents[prefix]

    def _described(self, prefix: str) -> Any:
        document = _Document(self, prefix)
        for method, operation in _operations(document):
            _describe(operation, writes=method.upper() in idempotency.WRITES)
        return document


class _Document(OpenAPISchema):
    """What ninja makes, where thousands of answers are of few kinds: a refusal is described once, not at each operation."""

    def __init__(self, api: NinjaAPI, prefix: str) -> None:
        self._kinds: dict[Any, Any] = {}
        super().__init__(api, prefix)

    def _create_schema_from_model(self, model: Any, **how: Any) -> Any:
        answered = model.model_fields.get("response")
        if answered is None:
            return super()._create_schema_from_model(model, **how)
        kind = (answered.annotation, *sorted(how.items()))
        if kind not in self._kinds:
            self._kinds[kind] = super()._create_schema_from_model(model, **how)
        described, required = self._kinds[kind]
        return {**described}, required


def _operations(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for place in document["paths"].values():
        yield from place.items()


def _describe(operation: dict[str, Any], *, writes: bool) -> None:
    operation["parameters"].append(LANGUAGE)
    if writes:
        operation["parameters"].append(TOKEN)
    if writes and operation.get("security"):
        operation["parameters"].append(idempotency.PARAMETER)
    responses = operation["responses"]
    for status, why in (EVERYWHERE | WRITING if writes else EVERYWHERE).items():
        responses.setdefault(status, {"description": why})
    for status, told in responses.items():
        if int(status) >= 400:
            told["content"] = {KIND: {"schema": PROBLEM}}
        elif writes and operation.get("security"):
            told["headers"] = {idempotency.REPLAY: idempotency.SEEN_BEFORE}
