# SPDX-License-Identifier: Apache-2.0
"""Shapes of the connections API."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from datong.contexts.connections.domain import ConnectionKind


class ConnectionIn(Schema):
    """A connection to add to the own department."""

    kind: ConnectionKind
    name: str = Field(max_length=100, description="used once among those of the department")
    address: dict[str, str] = Field(
        default_factory=dict,
        description="postgres: host, port, database, sslmode; mysql: host, port, database, ssl, charset; s3: endpoint, bucket, "
        "region, prefix; sftp: host, port, folder, fingerprint; http: base, signing, header, check; folder: root",
    )
    account: str = Field("", max_length=200)
    secret: str = Field("", max_length=16_384, description="password, secret key, private key or token; never shown again")


class SecretIn(Schema):
    """Another secret."""

    secret: str = Field(min_length=1, max_length=16_384)


class ConnectionOut(Schema):
    """A connection, without its secret."""

    number: str
    name: str
    kind: str
    department: str
    department_name: str
    address: dict[str, str]
    account: str
    has_secret: bool
    secret_set_at: datetime | None
    made_at: datetime
    tested_at: datetime | None
    test_passed: bool | None
    test_words: str
    test_ms: int | None
    retired_at: datetime | None
    in_use: int = Field(description="how many use it now")


class ConnectionsOut(Schema):
    """A page of connections; `next` is the cursor of the following one."""

    items: list[ConnectionOut]
    next: str | None


class ConnectionsIn(Schema):
    """Which connections to list."""

    q: str = Field("", max_length=100)
    kind: str = Field("", max_length=16)
    state: str = Field("", max_length=16, description="used, failing or retired; empty: all that are not retired")
    after: str = Field("", max_length=24)
    limit: int = Field(50, ge=1, le=200)
