# SPDX-License-Identifier: Apache-2.0
"""The offline verifier holds what is checked against what was kept from before: a log only grew since, or that is told."""

import json
import shutil

import pytest

from datong.ledger import exports, history, merged
from datong.ledger.merging import merge
from datong.ledger.prover import Prover
from factories.evidence import a_log, a_signer
from factories.exports import a_call, a_log_of_calls, an_export, verified_elsewhere

NODE = "330000"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """Two logs, merged, then one grown and merged again."""
    place = tmp_path_factory.mktemp("known") / "evidence"
    a_log_of_calls(place / "gateway-0", (3, 4), origin=f"{NODE}/gateway-0")
    a_log_of_calls(place / "acts", (2,), origin=f"{NODE}/acts")
    merge(place, NODE, a_signer())
    with a_log(place / "gateway-0", origin=f"{NODE}/gateway-0") as log:
        log.append([a_call(number) for number in range(7, 12)])
    merge(place, NODE, a_signer())
    return place


@pytest.fixture(scope="module")
def kept(evidence):
    """What was kept: a node checkpoint, a checkpoint of seven records, a receipt under it; and those of a fork."""
    place = evidence.parent / "kept"
    place.mkdir()
    (place / "node").write_bytes(next(one for _, one in merged.walk(evidence)).line())
    marks = [mark for _, mark in history.walk(evidence / "gateway-0")]
    (place / "mark").write_bytes(next(mark for mark in marks if mark.size == 7).line())
    with Prover(evidence / "gateway-0") as prover:
        (place / "receipt").write_text(prover.inclusion(3, 7).encode() + "\n")
    fork = a_log_of_calls(place / "fork" / "gateway-0", (7,), origin=f"{NODE}/gateway-0")
    with a_log(place / "fork" / "gateway-0", origin=f"{NODE}/gateway-0") as log:
        log.append([b"another history"] * 20)
    merge(fork.parent, NODE, a_signer())
    (place / "forked").write_bytes(merged.last(fork.parent).line())
    (place / "forked-mark").write_bytes(history.last(fork).line())
    return place


def outcome(evidence, *papers, known):
    found = verified_elsewhere(*papers, key=evidence / "node.pub", known=known)
    return [one["status"] for one in found], " ".join(
        [*(one["reason"] for one in found), *(note for one in found for note in one["notes"])]
    )


def test_a_folder_and_a_log_go_on_from_what_was_kept(evidence, kept):
    states, said = outcome(evidence, evidence, evidence / "gateway-0", known=[kept / name for name in ("node", "mark", "receipt")])
    assert states == [0] * 4 and said.count("gateway-0 goes on") + said.count("the log goes on from its known state of 7 records") == 6


def test_a_fork_is_told(evidence, kept):
    states, said = outcome(evidence, evidence / "gateway-0", known=[kept / "forked-mark"])
    assert states == [1] and "ends before record" in said
    with_both = outcome(evidence, evidence, known=[kept / "forked"])
    assert with_both[0] == [0, 1, 1] and "known from before, is not in the series" in with_both[1]


@pytest.mark.parametrize("gone", ["acts", merged.NAME])
def test_what_was_taken_away_since_is_told(evidence, kept, tmp_path, gone):
    copy = shutil.copytree(evidence, tmp_path / "evidence")
    shutil.rmtree(copy / gone) if (copy / gone).is_dir() else (copy / gone).unlink()
    states, said = outcome(evidence, copy, known=[kept / "node"])
    assert 1 in states and f"{gone} is missing" in said


def test_papers_show_it_or_say_that_they_do_not(evidence, kept, tmp_path):
    pair = tmp_path / "pair.json"
    with Prover(evidence / "gateway-0") as prover:
        pair.write_text(json.dumps(exports.pair(prover.consistency(prover.checkpoint(7), prover.checkpoint(12)))))
    mark = [mark for _, mark in history.walk(evidence / "gateway-0") if mark.size == 7]
    with_it = an_export(evidence / "gateway-0", tmp_path / "with.jsonl", known=mark, grant="S3")
    without = an_export(evidence / "gateway-0", tmp_path / "without.jsonl", grant="S3")
    states, said = outcome(evidence, pair, with_it, without, kept / "receipt", known=[kept / "mark"])
    assert states == [0, 0, 3, 0] and "does not show that 330000/gateway-0 goes on from its known state of 7 records" in said


def test_what_is_of_nothing_checked_or_is_none_is_told(evidence, kept, tmp_path):
    other = a_log_of_calls(tmp_path / "gateway-9", (3,), origin=f"{NODE}/gateway-9")
    (tmp_path / "other").write_bytes(history.last(other).line())
    states, said = outcome(evidence, evidence / "acts", known=[tmp_path / "other"])
    assert states == [0, 2] and "nothing that was checked is of 330000/gateway-9" in said
    by_another = a_log_of_calls(tmp_path / "acts", (2,), origin=f"{NODE}/acts", signer=a_signer(number=2))
    (tmp_path / "foreign").write_bytes(history.last(by_another).line())
    assert outcome(evidence, evidence / "acts", known=[tmp_path / "foreign"])[0] == [1]
