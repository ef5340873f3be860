# SPDX-License-Identifier: Apache-2.0
"""What the gateway benchmark serves: our gateway, and the bare look-up that is its limit, both under granian.

Kept here: two application factories and the folder they read; the limit does nothing but parse the key, look it up in the
same index file and write the same JSON.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import orjson

from datong.gateway.app import Gateway, build
from datong.gateway.config import GatewayConfig

NODE = "330000"
INDEX = "serving/persons.sqlite"
ITEMS = ("name", "phone", "region", "born")
FOLDER = "DATONG_BENCH_FOLDER"


def folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[FOLDER])


def ours() -> Gateway:
    """The gateway with everything on."""
    here = folder()
    return build(
        GatewayConfig(
            node_code=NODE,
            node_dir=here,
            signing_key=here / "node.key",
            public_key=here / "evidence" / "node.pub",
            policy_file=here / "run" / "policy",
            evidence_dir=here / "evidence",
        )
    )


def bare() -> Callable[..., Awaitable[None]]:
    """The limit: one look-up, one JSON answer, no control of any kind."""
    connection = sqlite3.connect(f"file:{folder() / INDEX}?immutable=1&mode=ro", uri=True, check_same_thread=False)
    connection.execute("pragma mmap_size = 17179869184")
    sql = f"select {', '.join(ITEMS)} from records where id = ?"

    async def app(scope: dict[str, Any], _: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        key = unquote_plus(scope["query_string"].decode().partition("id=")[2].partition("&")[0])
        rows = connection.execute(sql, (key,)).fetchall()
        body = orjson.dumps({"records": [dict(zip(ITEMS, row, strict=True)) for row in rows], "next": None})
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
