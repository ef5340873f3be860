# SPDX-License-Identifier: Apache-2.0
"""What a request must say (809 art. 20) and how its rows narrow."""

from dataclasses import replace
from datetime import date

import pytest

from datong.contexts.sharing.domain.requests import RequestDraft, faults_of, missing

TODAY = date(2026, 11, 21)
DRAFT = RequestDraft(
    resource="307001/1", application="app-1", basis_kind="law", basis="《社会保险法》第八条", scene="核查", scope="全省",
    purpose="核查", channels=("call",), items=("name",), term_from=TODAY, term_until=date(2027, 11, 21), quota_per_day=10,
)  # fmt: skip
EMPTY = {"channels": (), "items": (), "term_from": None, "term_until": None}


@pytest.mark.parametrize(
    "field",
    ["basis_kind", "basis", "scene", "scope", "channels", "term_from", "term_until", "items", "purpose", "application"],
)
def test_809_20_each_missing_part_is_named(field):
    assert missing(replace(DRAFT, **{field: EMPTY.get(field, "")}), TODAY).keys() == {field}


def test_809_20_all_missing_parts_are_named_at_once():
    assert len(missing(RequestDraft(), TODAY)) == 10
    assert missing(DRAFT, TODAY) == {}


def test_a_term_that_has_passed_is_no_term():
    assert missing(replace(DRAFT, term_until=date(2026, 11, 20), term_from=date(2026, 11, 1)), TODAY).keys() == {"term_until"}
    assert missing(replace(DRAFT, term_until=TODAY), TODAY) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("basis_kind", "whim"), ("basis", "字" * 501), ("scene", "a\x00"), ("purpose", "字" * 201), ("purpose", "a\nb"),
        ("scope", "\u202e"), ("channels", ("fax",)), ("term_until", date(2026, 1, 1)), ("quota_per_day", 0),
        ("quota_per_day", 2**31), ("items", ("a",) * 2001), ("delivery_mode", "half"), ("update_cycle", "hourly"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_named(field, value):
    assert faults_of(replace(DRAFT, **{field: value})).keys() == {field}
