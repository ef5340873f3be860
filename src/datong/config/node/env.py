# SPDX-License-Identifier: Apache-2.0
"""The environment, read in one place; a missing setting explains itself.

Kept here: every variable Datong reads, with its meaning. `docs/reference/settings.md` is generated from `VARIABLES`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.engine.base import EMBEDDED, Bulk
from datong.kernel.errors import Malformed

VARIABLES = {
    "DATONG_NODE": "folder of the node; default: the current folder",
    "DATONG_HOST": "address both servers bind to, instead of `host` in node.toml",
    "DATONG_CONTROL_PORT": "port of pages and control-plane API, instead of `control_port` in node.toml",
    "DATONG_GATEWAY_PORT": "port of the gateway, instead of `gateway_port` in node.toml",
    "DATONG_GATEWAY_SEAT": "which of several gateways a process is; set by the node for each of them, never by you",
    "DATONG_DATABASE_URL": "an outside PostgreSQL (15 or newer) instead of the embedded one",
    "DATONG_ENGINE": "what does the work on whole tables (tables of grants, deliveries): duckdb (default), or the address of a "
    "Spark Connect server, such as sc://host:15002; it may hold a token and is never shown whole",
    "DATONG_SMTP_URL": "mail server for notices, a secret: smtp://user:password@host:587?from=address&starttls=1, or smtps://; "
    "none: no mails",
    "DATONG_WEBHOOK_NETWORKS": "networks of its own the node may send webhooks to, such as 10.0.0.0/8,192.168.1.0/24; none: "
    "public addresses only",
    "DATONG_CONNECTION_NETWORKS": "networks of its own where connections may reach databases, object stores, file servers "
    "and interfaces, such as 10.0.0.0/8; none: public addresses only, and these encrypted",
    "DATONG_CONNECTION_FOLDERS": "folders of this machine that connections may read, with all below them, such as "
    "/data/share,/mnt/in; none: no folder",
    "DATONG_TIMESTAMP_NETWORKS": "networks of its own where the time-stamping authority of `timestamp_url` may lie, such as "
    "10.0.0.0/8; none: public addresses only",
    "DATONG_LAKE_SECRET": "secret key of the bucket in `lake_url`, a secret",
    "DATONG_TRACES": "collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; none: no traces. "
    "OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_EXPORTER_OTLP_HEADERS (a secret) and OTEL_RESOURCE_ATTRIBUTES count too",
    "DATONG_LOG_LEVEL": "DEBUG, INFO (default), WARNING or ERROR",
    "DATONG_DEBUG": "1 shows Django's error pages; never on a node that serves people",
}
MANUAL = "see docs/reference/settings.md"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def folder() -> NodeFolder:
    """The node's folder, from DATONG_NODE or the current folder."""
    return NodeFolder(Path(os.environ.get("DATONG_NODE") or ".").resolve())


def node() -> tuple[NodeFolder, NodeConfig]:
    """The node's folder and what its file says.

    Raises:
        Malformed: there is no node in the folder.
    """
    place = folder()
    return place, with_environment(place.read())


def with_environment(config: NodeConfig) -> NodeConfig:
    """What the node's file says, save what the environment says otherwise.

    Raises:
        Malformed: a port is no number of a port.
    """
    ports = {name: os.environ.get(f"DATONG_{name.upper()}") for name in ("control_port", "gateway_port")}
    changes: dict[str, Any] = {name: port_number(text, f"DATONG_{name.upper()}") for name, text in ports.items() if text}
    if os.environ.get("DATONG_HOST"):
        changes["host"] = os.environ["DATONG_HOST"]
    return replace(config, **changes)


def port_number(text: str, name: str) -> int:
    """Read a port.

    Raises:
        Malformed: not a number from 1 to 65535.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
        return int(text)
    raise Malformed(f"{name} is {text!r}", fields={name: "a number from 1 to 65535"}, remedy="see docs/reference/settings.md")


def gateway_seat() -> int:
    """Which of the node's gateways this process is.

    Raises:
        Malformed: no number.
    """
    text = os.environ.get("DATONG_GATEWAY_SEAT", "0")
    if text.isascii() and text.isdigit():
        return int(text)
    raise Malformed(f"DATONG_GATEWAY_SEAT is {text!r}", fields={"DATONG_GATEWAY_SEAT": "a number"}, remedy=MANUAL)


def database_url(place: NodeFolder, config: NodeConfig) -> str:
    """The database: DATONG_DATABASE_URL, else `database_url` of node.toml, else the embedded one."""
    given = os.environ.get("DATONG_DATABASE_URL") or config.database_url
    return given or EmbeddedPostgres(place.postgres, place.log / "postgres.log").url


def uses_embedded(config: NodeConfig) -> bool:
    """Whether the node starts its own PostgreSQL."""
    return not (os.environ.get("DATONG_DATABASE_URL") or config.database_url)


def bulk() -> Bulk:
    """What does the work on whole tables.

    Raises:
        Malformed: neither duckdb nor an address; it is not repeated, it may hold a secret.
    """
    given = os.environ.get("DATONG_ENGINE", "").strip()
    if given in ("", "duckdb"):
        return EMBEDDED
    try:
        return Bulk(given)
    except Malformed:
        fields = {"DATONG_ENGINE": "duckdb, or sc://host:15002"}
        raise Malformed("DATONG_ENGINE does not read", fields=fields, remedy=MANUAL) from None


def mail() -> dict[str, Any] | None:
    """The mail server: host, port, sender, username, password, starttls, ssl; None when the node has none.

    Raises:
        Malformed: the address does not read; it is not repeated, it holds a secret.
    """
    given = os.environ.get("DATONG_SMTP_URL", "").strip()
    if not given:
        return None
    try:
        parts = urlsplit(given)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        port = parts.port or (465 if parts.scheme == "smtps" else 25)
    except ValueError:
        parts, asked, port = urlsplit(""), {}, 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in asked.get("from", ""):
        example = "smtp://user:password@host:587?from=datong@example.gov.cn&starttls=1"
        raise Malformed("DATONG_SMTP_URL does not read", fields={"DATONG_SMTP_URL": example}, remedy=MANUAL)
    return {
        "host": parts.hostname, "port": port, "sender": asked["from"], "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""), "starttls": asked.get("starttls") == "1", "ssl": parts.scheme == "smtps",
    }  # fmt: skip


def webhook_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks of its own to which the node sends webhooks.

    Raises:
        Malformed: not a list of networks.
    """
    return _networks("DATONG_WEBHOOK_NETWORKS")


def connection_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks of its own where connections reach object stores, file servers and interfaces.

    Raises:
        Malformed: not a list of networks.
    """
    return _networks("DATONG_CONNECTION_NETWORKS")


def timestamp_networks() -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks of its own where the time-stamping authority may lie.

    Raises:
        Malformed: not a list of networks.
    """
    return _networks("DATONG_TIMESTAMP_NETWORKS")


def connection_folders() -> tuple[str, ...]:
    """Folders of this machine that connections may read.

    Raises:
        Malformed: not a list of absolute paths.
    """
    name = "DATONG_CONNECTION_FOLDERS"
    words = tuple(word.strip() for word in os.environ.get(name, "").split(",") if word.strip())
    if not all(word.startswith("/") and ".." not in word.split("/") and word.strip("/") for word in words):
        raise Malformed(f"{name} does not read", fields={name: "absolute paths, such as /data/share,/mnt/in"}, remedy=MANUAL)
    return words


def _networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    words = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError:
        fields = {name: "such as 10.0.0.0/8,192.168.1.0/24"}
        raise Malformed(f"{name} does not read", fields=fields, remedy=MANUAL) from None


def lake_secret() -> str:
    """Secret key of the bucket the lake lies in."""
    return os.environ.get("DATONG_LAKE_SECRET", "").strip()


def traces() -> str:
    """Where traces go; empty: nowhere.

    Raises:
        Malformed: no address of HTTP, one with a password, or what sends traces is not installed.
    """
    name = "DATONG_TRACES"
    given = os.environ.get(name, "").strip()
    if not given:
        return ""
    try:
        parts = urlsplit(given)
        sound = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise Malformed(f"{name} does not read", fields={name: "such as http://127.0.0.1:4318/v1/traces"}, remedy=MANUAL)
    if find_spec("opentelemetry") is None:
        raise Malformed(f"{name} is set, OpenTelemetry is not installed", remedy="pip install 'datong[traces]'")
    return given


def log_level() -> str:
    """Level of the logs."""
    wanted = os.environ.get("DATONG_LOG_LEVEL", "INFO").upper()
    if wanted not in LOG_LEVELS:
        raise Malformed(f"DATONG_LOG_LEVEL is {wanted!r}", remedy=f"one of {', '.join(LOG_LEVELS)}")
    return wanted


def debug() -> bool:
    """Whether Django shows its error pages."""
    return os.environ.get("DATONG_DEBUG") == "1"
