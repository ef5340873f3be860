# SPDX-License-Identifier: Apache-2.0
"""How a grant stands that is read as a table: is the table there, what is in it, and is it as fresh as was promised.

Kept here: what is told comes from the manifest the gateways serve by; nothing is promised that did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import queries
from datong.contexts.exchange.usecases.policy import outlet
from datong.contexts.sharing import face as sharing
from datong.engine.backends.manifests import MANIFEST, derived
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.sharing import Channel

SCHEMA = "data"


@dataclass(frozen=True, slots=True)
class Supply:
    """What was promised of the supply, and what happened.

    Attributes:
        mode: Promised mode of delivery, empty where none was.
        cycle: Promised cycle: the grant's own, else that of the resource.
        own: Whether the grant itself promises the cycle.
        landed_at: When the data serving now came.
        lamp: green within the cycle, red beyond it, none where nothing was promised or came.
    """

    mode: str
    cycle: str
    own: bool
    landed_at: datetime | None
    rows: int
    lamp: str


@dataclass(frozen=True, slots=True)
class TableState:
    """The table of a grant.

    Attributes:
        state: ready, making (data are there, the table is not yet), unlanded, or closed (the grant gives none out now).
        why: Why it is closed.
        version: Of the lake table it was made of, as clients see it.
        size: Bytes of its files.
        since: When it was made.
        renewing: Whether a newer one is being made; this one is read until then.
    """

    grant: str
    share: str
    table: str
    state: str
    why: str = ""
    version: int | None = None
    rows: int = 0
    size: int = 0
    since: datetime | None = None
    renewing: bool = False

    @property
    def address(self) -> str:
        """What a client calls it by, beside the profile file."""
        return f"{self.share}.{SCHEMA}.{self.table}"


def supply(number: str, *, by: Officer) -> Supply:
    """Tell what a grant promises of the supply, and what happened.

    Raises:
        Unknown: No such grant, or none visible.
    """
    grant = sharing.grant(number, by=by)
    served = catalog.served(grant.resource)
    own = str(grant.document.get("update_cycle") or "")
    cycle = own or (served.update_cycle if served else "")
    landed = queries.landed(grant.resource)
    at = landed.finished_at if landed else None
    return Supply(
        mode=str(grant.document.get("delivery_mode") or ""), cycle=cycle, own=bool(own), landed_at=at,
        rows=landed.rows if landed else 0, lamp=queries.freshness(cycle, at),
    )  # fmt: skip


def table_state(number: str, *, by: Officer) -> TableState:
    """Tell how the table of a grant stands.

    Raises:
        Unknown: No such grant, none visible, or it does not cover tables.
    """
    grant = sharing.grant(number, by=by)
    if Channel.TABLE not in grant.policy.channels:
        raise Unknown(f"授权 {number} 不含批量交换 (the grant does not cover tables)")
    named = {"grant": number, "share": number, "table": grant.resource.replace("/", "-")}
    if grant.stage != "active":
        return TableState(state="closed", why="授权不在有效状态 (the grant is not in force)", **named)
    if queries.landed(grant.resource) is None:
        return TableState(state="unlanded", **named)
    try:
        found = outlet(number, Channel.TABLE)
    except DatongError as why:
        return TableState(state="closed", why=why.message, **named)
    served = found.served
    held = derived(served) if served is not None else None
    if served is None or held is None:
        return TableState(state="making", **named)
    since, renewing = datetime.fromtimestamp((served / MANIFEST).stat().st_mtime, UTC), served != found.folder
    return TableState(
        state="ready", version=held.version, rows=held.rows, size=held.size, since=since, renewing=renewing, **named
    )
