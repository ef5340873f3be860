# SPDX-License-Identifier: Apache-2.0
"""A grant as a table: its derived table built by the engine, its recipient's token in the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deltalake import DeltaTable, write_deltalake

from datong.engine import face as engine
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType
from datong.wire import policy as wire
from datong.wire.delta_sharing.profile import token_hash
from factories.gateways import CODE, ITEMS, a_grant

TOKEN = "dtds_" + "t" * 43
SHARE, TABLE = "SQ-1", CODE.replace("/", "-")
ROOT = "/delta-sharing"
PLACE = f"{ROOT}/shares/{SHARE}/schemas/data/tables/{TABLE}"


def a_recipient(token: str = TOKEN, **changes: Any) -> wire.Recipient:
    """The recipient of a token."""
    return wire.Recipient(token_hash=token_hash(token), **changes)


def shared(number: str = SHARE, token: str = TOKEN, **changes: Any) -> wire.Grant:
    """A grant with channel table; `table` and the rest as told."""
    facts: dict[str, Any] = {"channels": ["table"], "require_case": False, "recipients": [a_recipient(token)]}
    return a_grant(number, **(facts | changes))


def derived(lake: Path, node: Path, grant: wire.Grant, **how: Any) -> str:
    """Build the table of a grant in a node's folder; its path as the policy names it."""
    columns = {item.field: ItemType(item.type) for item in ITEMS}
    schema = engine.Schema(tuple(engine.Column(name, kind, key=name == "id") for name, kind in columns.items()))
    access = Access(
        columns, ["id"], [], {item.field: Mask.parse(item.mask) for item in grant.items},
        [RowRule(rule.field, rule.op, tuple(rule.values)) for rule in grant.rows], b"k" * 32,
    )  # fmt: skip
    made: Path = engine.derive(lake, schema, access, node / "derived" / TABLE, **how)
    return made.relative_to(node).as_posix()


def grown(lake: Path) -> None:
    """Give a landed table three more versions: rows added, some changed (one leaves the province), some deleted."""
    held = DeltaTable(str(lake)).to_pyarrow_table()
    place = held.schema.get_field_index("id")
    more = held.slice(0, 30).set_column(place, held.schema.field("id"), [[f"330106X{number:04d}" for number in range(30)]])
    write_deltalake(str(lake), more, mode="append")
    DeltaTable(str(lake)).update(
        updates={"name": "'李改名'", "region": "case when id = '330106X0001' then '320102' else region end"},
        predicate="id in ('330106X0000', '330106X0001')",
    )
    DeltaTable(str(lake)).delete("id in ('330106X0003', '330106X0004')")
