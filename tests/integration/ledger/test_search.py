# SPDX-License-Identifier: Apache-2.0
"""Records are found by grant, call and time, newest first, in windows."""

import json

import pytest

from datong.ledger import search
from datong.ledger.prover import Prover
from datong.ledger.search import Wanted
from factories.evidence import a_log
from factories.exports import a_call, a_log_of_calls


@pytest.fixture(scope="module")
def prover(tmp_path_factory):
    with Prover(a_log_of_calls(tmp_path_factory.mktemp("calls") / "gateway-0")) as opened:
        yield opened


def indexes(found):
    return [one.index for one in found]


@pytest.mark.parametrize("window", [7, 5000])
def test_the_newest_come_first_and_the_page_says_where_to_go_on(prover, monkeypatch, window):
    monkeypatch.setattr(search, "WINDOW", window)
    wanted, seen, high = Wanted({"grant": "S3"}), [], None
    while True:
        page = search.backwards(prover, wanted, high=high, limit=6)
        seen += indexes(page.items)
        if not page.low:
            break
        high = page.low
    assert seen == list(range(98, 0, -5))
    assert indexes(search.forwards(prover, wanted, start=50)) == list(range(53, 100, 5))


def test_time_runs_out_after_one_window_at_least(prover, monkeypatch):
    monkeypatch.setattr(search, "WINDOW", 10)
    page = search.backwards(prover, Wanted({"request_id": f"{3:032x}"}), seconds=0)
    assert (page.items, page.low, page.high) == ([], 90, 100)


def test_times_are_whole_seconds_both_included(prover):
    wanted = Wanted({}, since="2026-03-01T08:00:10.000000Z", until="2026-03-01T08:00:12Z")
    assert indexes(search.forwards(prover, wanted)) == [10, 11, 12]
    assert indexes(search.forwards(prover, Wanted({}, since="2026-03-01T08:01:38"))) == [98, 99]


def test_a_grant_is_found_as_the_subject_of_acts_and_nothing_else_counts(tmp_path):
    bodies = [
        {"kind": "act", "subject": "S3", "at": "2026"},
        {"kind": "act", "subject": "S4", "facts": {"grant": "S3"}},
        {"grant": ["S3"]},
    ]
    with a_log(tmp_path / "log") as log:
        log.append([*(json.dumps(body).encode() for body in bodies), b"S3", b'"S3"', b'{"S3":1.5}', a_call(3)])
    with Prover(tmp_path / "log") as prover:
        assert indexes(search.forwards(prover, Wanted({"grant": "S3"}))) == [0, 6]
        assert indexes(search.forwards(prover, Wanted({}, until="2026"))) == [0]
