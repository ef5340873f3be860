# SPDX-License-Identifier: Apache-2.0
"""Whom a call was about stands in its record as a tag of the node, whether asked by, claimed or shown; never as an id."""

from __future__ import annotations

from datong.ledger.persons import BlindIndex
from datong.wire import policy as wire
from factories.gateways import Node, Standing, a_grant, row, started

HELD, OTHER = row(0)["id"], row(1)["id"]
ABSENT = "330106200001010000"


def persons(standing: Standing) -> list[str]:
    """Tags in the newest record; no id stands in any."""
    records = standing.node.evidence()
    assert not any(number in str(records) for number in (HELD, OTHER, ABSENT))
    return records[-1]["persons"]


def tags(standing: Standing, *ids: str) -> list[str]:
    return BlindIndex.load(standing.node.folder / "node.key").tags(ids)


def test_who_was_asked_by_is_tagged_found_or_not(gateway: Standing, token: str):
    for asked in (HELD, ABSENT):
        gateway.records(token, f"id={asked}")
        assert persons(gateway) == tags(gateway, asked)


def test_who_was_verified_or_claimed_is_tagged(gateway: Standing, token: str):
    gateway.verify(token, {"key": {"id": HELD}, "claims": {"name": OTHER}})
    assert persons(gateway) == tags(gateway, HELD, OTHER)


def test_a_call_about_nobody_and_one_refused_before_its_question_is_read_have_no_tags(gateway: Standing, token: str):
    gateway.records(token, "region=330106&limit=3")
    assert persons(gateway) == []
    gateway.records("forged", f"id={HELD}")
    assert persons(gateway) == []


def test_one_refused_for_its_quota_says_whom_it_was_about(node: Node):
    with started(node, a_grant(quota_per_day=0)) as standing:
        assert standing.records(standing.token(node.civil), f"id={HELD}").status == 429
        assert persons(standing) == tags(standing, HELD)


def test_everybody_a_page_shows_is_tagged(node: Node):
    grant = a_grant(items=[wire.GrantItem(field="id", mask="none"), wire.GrantItem(field="region", mask="none")])
    with started(node, grant) as standing:
        shown = standing.records(standing.token(node.civil), "region=330106&limit=3").json["records"]
        assert len(shown) == 3 and persons(standing) == tags(standing, *(one["id"] for one in shown))
