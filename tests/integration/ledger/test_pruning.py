# SPDX-License-Identifier: Apache-2.0
"""Retention: what is removed is named and signed for, what stays is verified and proved as if nothing were gone."""

import shutil
from dataclasses import replace

import pytest

from datong.kernel.errors import Malformed, Unknown
from datong.ledger import checkpoints, frames, history, pruning, read, receipts, removed, search, state, subtrees
from datong.ledger.prover import Prover
from datong.ledger.recovery import Damaged
from datong.ledger.verify import verify_log
from factories.evidence import a_log, a_signer, its_verifier, some_records
from factories.exports import verified_elsewhere

SIGNER = a_signer()
VERIFIER = its_verifier(SIGNER)
BATCHES, EACH = 40, 7


@pytest.fixture
def folder(tmp_path):
    """280 records in segments of about two batches."""
    place = tmp_path / "log"
    with a_log(place, segment_bytes=600) as log:
        for number in range(BATCHES):
            log.append(some_records(EACH, number * EACH))
    return place


def starts(folder):
    return [segment.first for segment in frames.segments(folder)]


def copied(folder, name):
    return shutil.copytree(folder, folder.with_name(name))


def test_whatever_is_removed_what_stays_is_verified_read_and_proved(folder, tmp_path):
    (tmp_path / "node.pub").write_bytes(SIGNER.public_pem())
    cuts = starts(folder)[1:]
    assert len(cuts) > 8 and {cut % 32 for cut in cuts} != {0}
    pruned = {cut: copied(folder, f"log-{cut}") for cut in cuts}
    for cut, place in pruned.items():
        gone = pruning.prune(place, cut, SIGNER)
        assert (gone.size, starts(place)[0]) == (cut, cut)
        report = verify_log(place, VERIFIER)
        assert (report.ok, report.size, report.removed, report.checkpoints) == (True, 280, cut, BATCHES), report.reason
        assert list(read.records(place)) == list(enumerate(some_records(280)))[cut:]
        with Prover(place, VERIFIER) as prover:
            for index in (cut, cut + 1, 279):
                receipts.verify_receipt(prover.inclusion(index), VERIFIER, record=some_records(1, index)[0])
            receipts.verify_receipt(prover.inclusion(cut, (cut // EACH + 1) * EACH), VERIFIER)
            for size in range((cut // EACH + 1) * EACH, 281, EACH):
                assert prover.consistency(prover.checkpoint(size)).second.size == 280
            with pytest.raises(Unknown, match="retention"):
                prover.inclusion(cut - 1)
            assert search.backwards(prover, search.Wanted(), limit=9).low == 0
    for verdict in verified_elsewhere(*pruned.values(), key=tmp_path / "node.pub"):
        assert (verdict["status"], verdict["size"]) == (0, 280) and "removed by retention" in verdict["notes"][0], verdict


def test_a_log_goes_on_after_a_removal_with_and_without_its_memory(folder):
    first, second = starts(folder)[3], starts(folder)[6]
    pruning.prune(folder, first, SIGNER)
    for number, forget in enumerate((False, True)):
        if forget:
            (folder / state.NAME).unlink()
        with a_log(folder, segment_bytes=600) as log:
            assert log.size == 280 + number
            receipts.verify_receipt(log.append([b"another"])[0], VERIFIER)
    assert pruning.prune(folder, second, SIGNER).size == second
    assert verify_log(folder, VERIFIER).ok
    assert pruning.prune(folder, first, SIGNER).size == second


def test_time_tells_what_may_go_and_the_newest_segment_never_does(folder):
    assert pruning.first_kept(folder, "2000-01-01T00:00:00Z") == 0
    assert pruning.first_kept(folder, "2999-01-01T00:00:00Z") == starts(folder)[-1]
    middle = history.covering(folder, 140)
    kept = pruning.first_kept(folder, middle.at)
    assert kept <= 140 and kept in starts(folder)


def test_no_clock_that_was_set_lets_younger_records_go(tmp_path, monkeypatch):
    years = [2021, 2036, 2022, *[2026] * 3, *[2015] * 9, *[2026] * 3]  # set forward for one state, and back for nine
    with a_log(tmp_path, segment_bytes=100) as log:
        for number, year in enumerate(years):
            monkeypatch.setattr(checkpoints, "now", lambda year=year: f"{year}-03-01T00:00:00.000Z")
            log.append([b"record %d " % number * 20])
    assert history.size_before(tmp_path, "2023-01-01T00:00:00Z") == 15  # a guess: searched by halves, it met the nine
    assert pruning.first_kept(tmp_path, "2023-01-01T00:00:00Z", "2026-06-01T00:00:00Z") == 3
    pruning.prune(tmp_path, 3, SIGNER)
    assert pruning.first_kept(tmp_path, "2025-01-01T00:00:00Z", "2026-06-01T00:00:00Z") == 3


def test_a_removal_that_was_killed_counts_and_is_finished_by_the_next(folder):
    whole = copied(folder, "whole")
    cut = starts(folder)[4]
    pruning.prune(folder, cut, SIGNER)
    for segment in frames.segments(whole)[1:3]:
        shutil.copy(segment.path, folder)
    assert verify_log(folder, VERIFIER).ok and next(read.records(folder))[0] == cut
    pruning.prune(folder, cut, SIGNER)
    assert starts(folder)[0] == cut


def test_who_removes_without_signing_is_found(folder, tmp_path):
    cut = starts(folder)[4]
    (tmp_path / "node.pub").write_bytes(SIGNER.public_pem())
    honest = copied(folder, "honest")
    gone = pruning.prune(honest, cut, SIGNER)
    for segment in frames.segments(folder)[:4]:
        segment.path.unlink()
    lies = {
        "nothing": b"",
        "cut": gone.line()[:-20],
        "unsigned": gone.line().replace(b'"at":"2', b'"at":"3'),
        "peaks": gone.line().replace(next(iter(gone.nodes.values())).hex().encode(), b"00" * 32),
        "stranger": replace(gone, key_id="0" * 16).line(),
    }
    for lie, line in lies.items():
        (folder / removed.NAME).write_bytes(line)
        if lie == "nothing":
            (folder / removed.NAME).unlink()
        assert not verify_log(folder, VERIFIER).ok, lie
        (verdict,) = verified_elsewhere(folder, key=tmp_path / "node.pub")
        assert (verdict["status"], verdict["first_bad"]) == (1, 0), verdict


def test_a_damaged_log_is_not_pruned(folder):
    segment = frames.segments(folder)[1].path
    changed = bytearray(segment.read_bytes())
    changed[60] ^= 1
    segment.write_bytes(changed)
    before = starts(folder)
    with pytest.raises(Damaged):
        pruning.prune(folder, before[4], SIGNER)
    assert starts(folder) == before and not (folder / removed.NAME).exists()


def test_proofs_without_the_subtrees_are_refused_in_words(folder):
    pruning.prune(folder, starts(folder)[6], SIGNER)
    (folder / subtrees.NAME).unlink()
    with pytest.raises(Damaged, match="subtrees"):
        Prover(folder, VERIFIER)
    assert verify_log(folder, VERIFIER).ok


def test_a_file_in_another_form_is_refused(folder):
    (folder / removed.NAME).write_text("[]")
    with pytest.raises(Malformed):
        removed.load(folder)
    assert verify_log(folder, VERIFIER).segment == removed.NAME
