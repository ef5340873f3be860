# SPDX-License-Identifier: Apache-2.0
"""Columns of a source that an entry does not name: told once each, shortened, and never a warning by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.exchange.domain import INFORMATIVE, LONGEST_COLUMN, MOST_EXTRA, DriftKind, extra_findings, is_untrue


def found(unread, known=()):
    return [one.found for one in extra_findings(unread, known)]


def test_what_an_item_is_called_is_known_however_it_is_written():
    assert found(["姓名", " XM ", "民族"], {"姓名", "xm"}) == ["民族"]


def test_a_header_is_kept_short_printable_and_once():
    assert found(["民\x00族", "民族", "", " \t", "长" * 200]) == ["民族", "长" * LONGEST_COLUMN]


@given(st.lists(st.text(max_size=100), max_size=200))
def test_findings_are_few_and_fit_a_database(unread):
    told = found(unread)
    assert len(told) <= MOST_EXTRA
    assert all(one and len(one) <= LONGEST_COLUMN and one.isprintable() for one in told)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("kind", DriftKind)
def test_users_are_warned_of_all_but_what_is_good_to_know(kind):
    assert is_untrue([{"kind": "extra"}, {"kind": kind.value}]) is (kind not in INFORMATIVE)
    assert not is_untrue([])
