# SPDX-License-Identifier: Apache-2.0
"""Listings of what a recipient sees: one share with one schema with one table, that of its grant."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from datong.gateway.answers import Answer
from datong.gateway.refusals import unknown
from datong.gateway.snapshot import Standing
from datong.gateway.tables.request import JSON, SCHEMA, Request, table_name
from datong.wire.delta_sharing import paging

_ASKED: Final = frozenset({"shares", "schemas", "tables", "all-tables"})


def answer(request: Request, standing: Standing, secret: bytes) -> Answer:
    """List shares, schemas or tables.

    Raises:
        Unknown: There is no such list.
        Malformed: A page token or number of items that does not read.
    """
    request.allow("GET", "HEAD")
    parts, share = request.parts, standing.grant.number
    request.record.asked = parts[-1] if parts[-1] in _ASKED else "share"
    if parts == ["shares"]:
        return _page(request, secret, "shares", {"name": share})
    if parts[0] != "shares" or parts[1].lower() != share.lower():
        raise unknown()
    if len(parts) == 2:
        return _json({"share": {"name": share}})
    if parts[2:] == ["schemas"]:
        return _page(request, secret, "schemas", {"name": SCHEMA, "share": share})
    named = {"name": table_name(standing), "schema": SCHEMA, "share": share}
    if parts[2:] == ["all-tables"]:
        return _page(request, secret, "all-tables", named)
    if len(parts) == 5 and (parts[2], parts[3].lower(), parts[4]) == ("schemas", SCHEMA, "tables"):
        return _page(request, secret, "tables", named)
    raise unknown()


def _page(request: Request, secret: bytes, listing: str, item: Mapping[str, str]) -> Answer:
    most, token = request.count()
    begin = paging.start(secret, request.recipient, listing, token)
    following = paging.token(secret, request.recipient, listing, begin + most)
    return _json(paging.page([dict(item)], begin, most, following))


def _json(said: dict[str, Any]) -> Answer:
    return Answer(200, orjson.dumps(said), JSON)
