# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks of the gateway serve: our gateway and the bare servers beside it, all under granian.

Kept here: application factories and the folder they read. `bare` does nothing but parse the key, look it up in the same
index file and write the same JSON; `files` hands whole files to the server to send; `dump` pages through a table of
PostgreSQL as CKAN's DataStore does, the JSON made by PostgreSQL itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import orjson
import psycopg

from datong.gateway.app import Gateway, build
from datong.gateway.config import GatewayConfig
from datong.kernel.addresses import networks

NODE = "330000"
INDEX = "serving/persons.sqlite"
ITEMS = ("name", "phone", "region", "born")
FOLDER = "DATONG_BENCH_FOLDER"
URL = "DATONG_BENCH_URL"
ACCEL = "DATONG_BENCH_ACCEL"
LOG = "DATONG_BENCH_LOG"
DATABASE = "DATONG_BENCH_DATABASE"
PAGE = 32_000
"""Most rows CKAN gives at once."""
App = Callable[..., Awaitable[None]]


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
            log_name=os.environ.get(LOG, "gateway-0"),
            alone=LOG not in os.environ,
            public_url=os.environ.get(URL, ""),
            proxies=networks(["127.0.0.0/8"]) if os.environ.get(ACCEL) else (),
            accel=os.environ.get(ACCEL, ""),
        )
    )


def bare() -> App:
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


def files() -> App:
    """The limit of files where no nginx is: the server sends a file by itself, without control of any kind."""
    here = folder()

    async def app(scope: dict[str, Any], _: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        path = here / scope["path"].lstrip("/")
        headers = [(b"content-type", b"application/octet-stream"), (b"content-length", b"%d" % path.stat().st_size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.pathsend", "path": str(path)})

    return app


def dump() -> App:
    """A paged dump: `?offset=` gives at most 32,000 rows as JSON objects, in order of `_id`."""
    connection = psycopg.connect(os.environ[DATABASE], autocommit=True)
    sql = "select coalesce(json_agg(page), '[]')::text from (select * from dumped order by _id limit %s offset %s) as page"

    async def app(scope: dict[str, Any], _: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] != "http":
            return
        offset = int(scope["query_string"].partition(b"offset=")[2] or 0)
        row = connection.execute(sql, (PAGE, offset)).fetchone()
        body = b'{"help":"","success":true,"result":{"limit":%d,"records":%s}}' % (PAGE, (row or ("[]",))[0].encode())
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
