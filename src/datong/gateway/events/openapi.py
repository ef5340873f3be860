# SPDX-License-Identifier: Apache-2.0
"""The part of the interface's description that tells of change events."""

from typing import Any

Part = dict[str, Any]


def events_path(answers: Part) -> Part:
    """Describe the place of events; `answers` is what it answers, refusals included."""
    number = {"type": "string", "pattern": "^E[0-9]{8}-[0-9]{4,9}$", "examples": ["E20261122-0001"]}
    cursor = {"type": "string", "pattern": "^[0-9a-f]{16}-[0-9]{1,18}-[0-9]{1,9}$"}
    parameters = [
        {"name": "number", "in": "path", "required": True, "description": "number of the subscription", "schema": number},
        _given("query", "after", "id of the last event held, or `next` of the page before", cursor),
        _given("query", "limit", "most events", {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 100}),
        _given("query", "wait", "seconds to wait for events", {"type": "integer", "minimum": 0, "maximum": 30, "default": 0}),
        _given("header", "Datong-Purpose", "granted purpose, percent-encoded UTF-8", {"type": "string", "maxLength": 1_800}),
        _given("header", "Last-Event-ID", "as `after`, for server-sent events", cursor),
    ]
    feed = {"text/event-stream": {"schema": {"type": "string"}}}
    answered = {**answers, "200": {**answers["200"], "content": answers["200"]["content"] | feed}}
    return {
        "/v1/subscriptions/{number}/events": {
            "get": {
                "operationId": "getEvents",
                "summary": "Changes under a grant after a cursor: a page, waited for if wanted, or server-sent events",
                "description": "Whoever stores `next` with what was made of the events takes each change once; the id of an "
                "event is the same whenever it is read. In a stream `event: change` is an event, `event: receipt` the evidence "
                "of those before it, `event: problem` the reason why it ends.",
                "security": [{"token": []}],
                "parameters": parameters,
                "responses": answered,
            }
        }
    }


def events_schemas() -> Part:
    """Describe a page of events."""
    cell = {"type": ["string", "number", "boolean", "null"]}
    row = {"type": "object", "additionalProperties": cell}
    told = {
        "id": {"type": "string"},
        "type": {"enum": ["insert", "update", "delete"]},
        "version": {"type": "integer"},
        "at": {"type": "string"},
        "before": row,
        "after": row,
    }
    event = {"type": "object", "properties": told, "required": ["id", "type", "version", "at"], "additionalProperties": False}
    page = {"events": {"type": "array", "items": event}, "next": {"type": "string"}}
    return {"Events": {"type": "object", "properties": page, "required": list(page), "additionalProperties": False}}


def _given(place: str, name: str, description: str, schema: Part) -> Part:
    return {"name": name, "in": place, "required": False, "description": description, "schema": schema}
