# SPDX-License-Identifier: Apache-2.0
"""No answer holds an item, a row or an unmasked value outside the grant: random grants against a filter written plainly.

The filter below knows the made-up persons and the words of a grant, and nothing of SQL, plans or indexes. Answers are not
only within it, they are what it gives: a gateway that answered nothing would not pass.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.crypto import ff1
from datong.gateway.lookups import mask_key
from datong.kernel import masks
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType
from datong.wire import policy as wire
from factories.gateways import ITEMS, PLACE, Node, Reply, Standing, lawful, row, started
from factories.gateways import a_grant as granted

NAMES = [item.field for item in ITEMS]
KINDS = {item.field: ItemType(item.type) for item in ITEMS}
LEAST = 5
CASE = "张9"


def value(number: int, name: str) -> Any:
    """What a person's item is, as JSON shows it."""
    text = row(number)[name]
    if name == "income":
        return f"{number}.5"
    return text == "true" if name == "alive" else text


def holds(rule: wire.RowRule, number: int) -> bool:
    held = row(number)[rule.field]
    if rule.op == "prefix":
        return any(held.startswith(one) for one in rule.values)
    if rule.op == "case":
        return held == CASE
    if rule.op in ("from", "until"):
        return held >= rule.values[0] if rule.op == "from" else held <= rule.values[0]
    return held in rule.values


def seen(grant: wire.Grant) -> list[int]:
    return [number for number in range(240) if all(holds(rule, number) for rule in grant.rows)]


def shown(grant: wire.Grant, key: bytes, number: int) -> dict[str, Any]:
    """A record as the grant gives it."""
    given_ = {one.field: Mask.parse(one.mask) for one in grant.items}
    return {name: masks.apply(given_[name], value(number, name), key=key, kind=KINDS[name], permute=ff1.encrypt) for name in NAMES if name in given_}


def opened(grant: wire.Grant) -> set[str]:
    return {one.field for one in grant.items if one.mask == "none"}


RULES = st.one_of(
    st.builds(wire.RowRule, field=st.just("region"), op=st.just("prefix"), values=st.lists(st.sampled_from(["33", "3301", "32"]), min_size=1)),
    st.builds(wire.RowRule, field=st.just("region"), op=st.just("in"), values=st.lists(st.sampled_from(["330106", "320102"]), max_size=2)),
    st.builds(wire.RowRule, field=st.just("alive"), op=st.just("eq"), values=st.sampled_from([["true"], ["false"]])),
    st.builds(wire.RowRule, field=st.just("born"), op=st.sampled_from(["from", "until"]), values=st.dates().map(lambda _: ["1990-01-15"])),
    st.builds(wire.RowRule, field=st.just("name"), op=st.just("case"), values=st.just([])),
)  # fmt: skip
MASKS = st.sampled_from(["none", "none", "redact", "year", "partial:1:2", "hash", "null", "band:100", "format:digits", "format:resident_id"])
GRANTS = st.builds(
    lambda items, rows: granted(
        items=[wire.GrantItem(field=name, mask=mask) for name, mask in items.items()], rows=rows, smallest_group=LEAST
    ),
    st.dictionaries(st.sampled_from(NAMES), MASKS, min_size=1),
    st.lists(RULES, max_size=2),
)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[tuple[Standing, str]]:
    node = Node(tmp_path_factory.mktemp("reference"), index)
    with started(node) as gateway:
        yield gateway, gateway.token(node.civil)


def asked(standing: tuple[Standing, str], place: str, query: str = "", body: bytes = b"", **headers: str) -> Reply:
    gateway, token = standing
    method, kind = ("POST", "application/x-ndjson") if body else ("GET", "")
    target = f"{PLACE}/{place}?{query}" if query else f"{PLACE}/{place}"
    return gateway.ask(method, target, headers=lawful(token) | {"Datong-Case": quote(CASE)} | headers, body=body, kind=kind)


@settings(max_examples=35, suppress_health_check=list(HealthCheck))
@given(GRANTS, st.integers(0, 239), st.sampled_from(["330106", "330203", "320102"]))
def test_every_answer_is_what_a_plain_filter_gives(standing: tuple[Standing, str], grant: wire.Grant, number: int, region: str):
    gateway, _ = standing
    gateway.offer(grant)
    key = mask_key(gateway.node.folder / "node.key", grant.number)
    visible, open_items = seen(grant), opened(grant)

    one = asked(standing, "records", f"id={row(number)['id']}").json["records"]
    assert one == ([shown(grant, key, number)] if number in visible else [])

    many = asked(standing, "records", f"region={region}&limit=50", Accept="text/csv")
    mine = [other for other in visible if row(other)["region"] == region][:50]
    if "region" in open_items:
        assert list(csv.reader(io.StringIO(many.body.decode(), newline="")))[1:] == [
            [cell(one) for one in shown(grant, key, other).values()] for other in mine
        ]
    else:
        assert many.code == "filter_not_allowed"

    check_batch(standing, visible, open_items, number)
    check_groups(standing, visible, open_items)


def cell(shown_: Any) -> str:
    text = str(shown_).lower() if isinstance(shown_, bool) else shown_
    return "" if text is None else text


def check_batch(standing: tuple[Standing, str], visible: list[int], open_items: set[str], number: int) -> None:
    claims = {name: value(number, name) for name in ("name", "region", "alive")}
    for name, claim in claims.items():
        lines = [orjson.dumps({"key": {"id": row(other)["id"]}, "claims": {name: claim}}) for other in (number, (number + 1) % 240)]
        reply = asked(standing, "verify:batch", body=b"\n".join(lines))
        if name not in open_items:
            assert reply.code == "item_not_granted"
            continue
        there = [(other in visible, other) for other in (number, (number + 1) % 240)]
        expected = [{"found": found, "matches": {name: found and value(other, name) == claim}} for found, other in there]
        assert [orjson.loads(line) for line in reply.body.splitlines()] == expected


def check_groups(standing: tuple[Standing, str], visible: list[int], open_items: set[str]) -> None:
    for by in ("region", "alive", "born"):
        reply = asked(standing, "aggregate", f"by={by}")
        if by not in open_items:
            assert reply.code == "item_not_granted"
            continue
        sizes: dict[Any, int] = {}
        for other in visible:
            sizes[value(other, by)] = sizes.get(value(other, by), 0) + 1
        told = {one["by"][by]: one["count"] for one in reply.json["groups"]}
        assert told.items() <= {key: rows for key, rows in sizes.items() if rows >= LEAST}.items()
        hidden = sizes.keys() - told.keys()
        assert reply.json["suppressed"] == len(hidden)
        assert not hidden or not told or (len(hidden) > 1 and sum(sizes[key] for key in hidden) >= LEAST)
        assert hidden or told == sizes
