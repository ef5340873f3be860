# SPDX-License-Identifier: Apache-2.0
"""Proofs by the prover are those of RFC 9162, and what it keeps is believed only where it leads to a signature."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.kernel.errors import Unavailable, Unknown
from datong.ledger import checkpoints, frames, history, merkle, receipts, subtrees
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.merkle import BadProof
from datong.ledger.prover import Prover
from datong.ledger.recovery import Damaged
from datong.wire.instants import text_of
from factories.evidence import a_log, a_signer, its_verifier, some_records

VERIFIER = its_verifier(a_signer())
BATCHES = (1, 2, 29, 1, 40, 64, 100, 3, 60)
TOTAL = sum(BATCHES)
SIZES = [sum(BATCHES[: number + 1]) for number in range(len(BATCHES))]
RECORDS = some_records(TOTAL)
LEAVES = [merkle.leaf_hash(record) for record in RECORDS]


def written(folder, batches=BATCHES, **options):
    with a_log(folder, **{"segment_bytes": 1500, **options}) as log:
        for count in batches:
            log.append(some_records(count, log.size))
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A log of 300 records in several segments, no segment or batch ending where a tile does."""
    return written(tmp_path_factory.mktemp("prover") / "log")


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "log")


def test_every_record_is_proved_under_every_checkpoint(folder):
    with Prover(folder, VERIFIER) as prover:
        assert prover.size == TOTAL
        for size in SIZES:
            for index in {0, 1, 31, 32, 33, size // 2, size - 1} & set(range(size)):
                found = prover.inclusion(index, size)
                assert found.path == merkle.inclusion_path(LEAVES[:size], index)
                assert found.record == RECORDS[index]
                receipts.verify_receipt(receipts.decode(found.encode()), VERIFIER)


def test_every_two_checkpoints_are_proved_consistent(folder):
    with Prover(folder) as prover:
        marks = [prover.checkpoint(size) for size in SIZES]
        for place, second in enumerate(marks):
            for first in marks[: place + 1]:
                assert prover.consistency(first, second).path == merkle.consistency_path(LEAVES[: second.size], first.size)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 90), min_size=1, max_size=5), st.integers(300, 9000), st.data())
def test_whatever_the_batches_and_segments_it_catches_up(batches, segment, data):
    with tempfile.TemporaryDirectory() as place, a_log(Path(place) / "log", segment_bytes=segment) as log:
        log.append(some_records(1))
        with Prover(log.directory) as prover:
            for count in batches:
                log.append(some_records(count, log.size))
                prover.catch_up()
                index = data.draw(st.integers(0, log.size - 1))
                leaves = [merkle.leaf_hash(record) for record in some_records(log.size)]
                assert prover.inclusion(index).path == merkle.inclusion_path(leaves, index)
                assert [body for _, body in prover.records(0, log.size)] == some_records(log.size)


def test_what_it_keeps_is_small_and_not_missed(folder):
    with Prover(folder) as prover:
        prover.inclusion(5)
    kept = folder / subtrees.NAME
    assert kept.stat().st_size == subtrees.rows_of(TOTAL // subtrees.TILE) * subtrees.ROW.size
    kept.unlink()
    with Prover(folder) as prover:
        assert prover.inclusion(250).record == RECORDS[250]


@pytest.mark.parametrize("at", [0, 31, 32, 39, 40 * 5 + 3, 40 * 9 + 35, -9, -1])
def test_a_changed_memory_is_forgotten_and_made_again(folder, at):
    with Prover(folder):
        right = (folder / subtrees.NAME).read_bytes()
    wrong = bytearray(right)
    wrong[at] ^= 0x40
    (folder / subtrees.NAME).write_bytes(wrong)
    with Prover(folder) as prover:
        for index in range(0, TOTAL, 7):
            assert prover.inclusion(index).record == RECORDS[index]
        assert [body for _, body in prover.records(0, TOTAL)] == RECORDS
        for size in SIZES[:-1]:
            prover.consistency(prover.checkpoint(size))


def test_the_memory_of_another_log_is_forgotten(folder, tmp_path):
    other = written(tmp_path / "other", (200, 400))
    with Prover(other):
        shutil.copy(other / subtrees.NAME, folder / subtrees.NAME)
    with Prover(folder) as prover:
        assert prover.inclusion(299).record == RECORDS[299]


def test_two_who_catch_up_at_once_do_not_disturb_each_other(tmp_path):
    with a_log(tmp_path / "log") as log:
        log.append(some_records(100))
        with Prover(log.directory) as one, Prover(log.directory) as two:
            log.append(some_records(500, 100))
            two.catch_up()
            one.catch_up()
            assert one.inclusion(3).path == two.inclusion(3).path


def test_a_changed_record_is_damage_and_never_proved(folder):
    segment = frames.segments(folder)[0].path
    data = bytearray(segment.read_bytes())
    data[frames.HEAD.size + 2] ^= 1
    segment.write_bytes(data)
    with Prover(folder) as prover:
        with pytest.raises(Damaged):
            prover.inclusion(0)
        with pytest.raises(Damaged):
            list(prover.records(0, 5))
        assert prover.inclusion(200).record == RECORDS[200]


@pytest.mark.parametrize("part", ["leaf", "index", "file", "first file", "checkpoint", "log"])
def test_a_log_that_is_damaged_is_not_proved_from(folder, part, tmp_path):
    segment = frames.segments(folder)[1].path
    data = bytearray(segment.read_bytes())
    if part.endswith("file"):
        (segment if part == "file" else frames.segments(folder)[0].path).unlink()
    elif part in ("leaf", "index"):
        data[20 if part == "leaf" else 11] ^= 1
        segment.write_bytes(data)
    elif part == "checkpoint":
        whole = (folder / history.NAME).read_bytes()
        (folder / history.NAME).write_bytes(whole.replace(b'"size":300', b'"size":299'))
    else:
        other = written(tmp_path / "other", origin="330000/other")
        shutil.copy(other / history.NAME, folder / history.NAME)
    with pytest.raises(Damaged):
        Prover(folder, VERIFIER)


def test_what_is_not_there_is_unknown(folder, tmp_path):
    with Prover(folder) as prover:
        for index, size in ((TOTAL, None), (-1, None), (5, 3), (0, 0), (0, -1), (0, 4), (0, TOTAL + 1)):
            with pytest.raises(Unknown):
                prover.inclusion(index, size)
        with pytest.raises(Unknown) as told:
            prover.checkpoint(40)
        assert "73" in told.value.remedy
    with a_log(tmp_path / "empty") as log, Prover(log.directory) as prover:
        assert (prover.size, list(prover.records(0, 9))) == (0, [])
        with pytest.raises(Unknown):
            prover.checkpoint()


def test_a_state_the_log_never_had_is_told_from_one_it_had(folder):
    def claimed(root, size=150):
        return checkpoints.sign(a_signer(), origin="330000/test", size=size, root=root, digest=newest.digest)

    with Prover(folder) as prover:
        newest = prover.checkpoint()
        assert prover.consistency(claimed(merkle.root(LEAVES[:150]))).path
        with pytest.raises(BadProof):
            prover.consistency(claimed(merkle.root(LEAVES[1:151])))
        for size in (0, TOTAL + 1):
            with pytest.raises(Unknown):
                prover.consistency(claimed(bytes(32), size))


def test_an_sm2_log_is_proved_by_sm3(tmp_path):
    signer = a_signer("sm2")
    folder = written(tmp_path / "log", signer=signer)
    with Prover(folder, its_verifier(signer)) as prover:
        receipts.verify_receipt(prover.inclusion(123, 297 - 60), its_verifier(signer))


def test_history_is_found_by_size_and_time(folder):
    marks = [mark for _, mark in history.walk(folder)]
    for size in range(1, TOTAL + 1):
        assert history.covering(folder, size).size == next(mark.size for mark in marks if mark.size >= size)
    assert history.covering(folder, TOTAL + 1) is None
    assert history.size_before(folder, marks[0].at) == 0
    assert history.size_before(folder, "9") == TOTAL
    assert [mark.size for mark in history.latest(folder, 3)] == SIZES[:-4:-1]
    assert [mark.size for mark in history.latest(folder, 99, before=SIZES[2])] == [3, 1]
    assert history.latest(folder, 5, before=1) == []
    assert history.latest(folder / "none", 5) == []
    assert (history.covering(folder / "none", 1), history.size_before(folder / "none", "0")) == (None, 0)


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(-1, 51), st.booleans())
def test_bisection_finds_what_a_walk_finds(steps, wanted, torn):
    times, sizes = sorted(steps), range(3, 3 * len(steps) + 1, 3)
    marks = [
        Checkpoint(origin="x" * (when % 7), size=size, root=bytes(32), at=text_of(when), hash="sha256", key_id="00" * 8)
        for when, size in zip(times, sizes, strict=True)
    ]
    before = [size for when, size in zip(times, sizes, strict=True) if when < wanted]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / history.NAME).write_bytes(b"".join(mark.line() for mark in marks) + (b'{"at":"20' if torn else b""))
        assert history.size_before(Path(folder), text_of(wanted)) == (before[-1] if before else 0)


def test_who_must_not_wait_catches_up_in_parts(folder):
    for done in (96, 192, 288):
        with Prover(folder, most=100) as prover:
            assert prover.ready == (done == 288)
        assert (folder / subtrees.NAME).stat().st_size == subtrees.rows_of(done // subtrees.TILE) * subtrees.ROW.size
    (folder / subtrees.NAME).unlink()
    with Prover(folder, most=100) as prover:
        for ask in (lambda: prover.inclusion(0), lambda: list(prover.records(0, 1)), prover.checkpoint):
            with pytest.raises(Unavailable, match="96 of 300"):
                ask()
        prover.catch_up()
        prover.catch_up()
        assert prover.inclusion(299).record == RECORDS[299]


def test_a_memory_that_was_wrong_is_made_again_in_parts_too(folder):
    with Prover(folder):
        wrong = bytearray((folder / subtrees.NAME).read_bytes())
    for tile in range(TOTAL // subtrees.TILE):
        wrong[subtrees.ROW.size * subtrees.place_of(0, tile) + subtrees.ROW.size - 1] ^= 1
    (folder / subtrees.NAME).write_bytes(wrong)
    with Prover(folder, most=200) as prover, pytest.raises(Unavailable):
        for index in range(TOTAL):
            prover.inclusion(index)


def test_a_place_that_is_wrong_is_found_anew_for_reading_on(folder):
    with Prover(folder):
        wrong = bytearray((folder / subtrees.NAME).read_bytes())
    for start in range(33, TOTAL, 29):
        for tile in range(TOTAL // subtrees.TILE - 1):  # the last one is looked at when the log is opened
            wrong[subtrees.ROW.size * subtrees.place_of(0, tile) + subtrees.ROW.size - 1] ^= 1
        (folder / subtrees.NAME).write_bytes(wrong)
        with Prover(folder) as prover:
            assert [body for _, body in prover.records(start, TOTAL)] == RECORDS[start:]


def test_a_file_that_goes_while_we_read_is_damage(folder, monkeypatch):
    monkeypatch.setattr("datong.ledger.prover.TILES_KEPT", 2)
    with Prover(folder) as prover:
        for index in range(0, TOTAL, 31):
            prover.inclusion(index)
        frames.segments(folder)[1].path.unlink()
        for ask in (lambda: [prover.inclusion(index) for index in range(TOTAL)], lambda: list(prover.records(0, TOTAL))):
            with pytest.raises(Damaged):
                ask()


def test_what_does_not_hold_the_second_time_is_damage(folder, monkeypatch):
    with Prover(folder) as prover:
        monkeypatch.setattr(prover, "_again", lambda _: None)
        monkeypatch.setattr(prover, "_hash", lambda *_: (_ for _ in ()).throw(subtrees.Stale("a row is missing")))
        for ask in (lambda: prover.inclusion(5), lambda: prover.consistency(prover.checkpoint(73))):
            with pytest.raises(Damaged):
                ask()
