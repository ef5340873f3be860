# SPDX-License-Identifier: Apache-2.0
"""Verification names the first bad record, whatever was done to the files."""

import json
import os
import shutil

import pytest

from datong.crypto.digests import SHA256
from datong.kernel.errors import Malformed, Unknown
from datong.ledger import frames, history, state, verify
from datong.ledger.log import LARGEST_BATCH
from datong.ledger.merkle import leaf_hash
from datong.ledger.verify import verify_directory, verify_log
from factories.evidence import a_log, a_signer, its_verifier, some_records

VERIFIER = its_verifier(a_signer())
BATCHES = (3, 4, 2, 5, 1, 6)
TOTAL = sum(BATCHES)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A log of 21 records in several segments; the batches end at 3, 7, 9, 14, 15 and 21."""
    folder = tmp_path_factory.mktemp("original") / "log"
    with a_log(folder, segment_bytes=300) as opened:
        for size in BATCHES:
            opened.append(some_records(size, opened.size))
    return folder


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "log")


def layout(folder):
    """Give for each record its segment, the offset of its frame and the offset behind it."""
    found = []
    for segment in frames.segments(folder):
        start = 0
        for frame in frames.scan(segment, SHA256):
            found.append((segment.path, start, frame.end))
            start = frame.end
    return found


def bad(folder, **options):
    report = verify_log(folder, VERIFIER, **options)
    assert not report.ok
    assert report.reason
    assert report.size <= report.first_bad
    return report


def change(path, at, data):
    with path.open("rb+") as file:
        file.seek(at)
        file.write(data)


def test_an_untouched_log_is_good(folder):
    seen = []
    report = verify_log(folder, VERIFIER, progress=seen.append)
    assert (report.ok, report.origin, report.size, report.unsigned) == (True, "330000/test", TOTAL, 0)
    assert (report.checkpoints, report.first_bad, report.key_id) == (len(BATCHES), None, VERIFIER.key_id)
    assert len(frames.segments(folder)) == 3
    assert seen == [0]


@pytest.mark.parametrize("index", range(TOTAL))
@pytest.mark.parametrize("part", ["length", "index", "leaf", "body"])
def test_a_flipped_byte_is_named_by_its_record(folder, index, part):
    path, start, _ = layout(folder)[index]
    at = start + {"length": 3, "index": 11, "leaf": 20, "body": frames.HEAD.size}[part]
    change(path, at, bytes([path.read_bytes()[at] ^ 1]))
    report = bad(folder)
    assert (report.first_bad, report.segment, report.offset) == (index, path.name, start)


def test_an_impossible_length_is_named(folder):
    path, start, _ = layout(folder)[5]
    change(path, start, b"\xff\xff\xff\xff")
    report = bad(folder)
    assert report.first_bad == 5
    assert "length" in report.reason


@pytest.mark.parametrize("index", range(TOTAL))
def test_a_removed_record_is_named(folder, index):
    path, start, end = layout(folder)[index]
    data = path.read_bytes()
    path.write_bytes(data[:start] + data[end:])
    assert bad(folder).first_bad == index


@pytest.mark.parametrize("one", range(TOTAL - 1))
def test_swapped_records_are_named_by_the_first(folder, one):
    (path, start, middle), (other, _, end) = layout(folder)[one : one + 2]
    if path == other:
        data = path.read_bytes()
        path.write_bytes(data[:start] + data[middle:end] + data[start:middle] + data[end:])
        assert bad(folder).first_bad == one


@pytest.mark.parametrize("index", range(TOTAL))
@pytest.mark.parametrize("cut", ["before", "head", "body"])
def test_a_truncated_file_is_named_by_the_first_record_lost(folder, index, cut):
    path, start, end = layout(folder)[index]
    os.truncate(path, {"before": start, "head": start + 10, "body": end - 1}[cut])
    assert bad(folder).first_bad == index


def test_a_missing_segment_is_named_by_its_first_record(folder):
    for segment in frames.segments(folder):
        kept = segment.path.read_bytes()
        segment.path.unlink()
        assert bad(folder).first_bad == segment.first
        segment.path.write_bytes(kept)


def test_a_renamed_segment_is_found(folder):
    second = frames.segments(folder)[1]
    second.path.rename(frames.segment_path(folder, second.first - 1))
    report = bad(folder)
    assert (report.first_bad, "begins with record" in report.reason) == (second.first, True)


def forge(folder, index, body):
    """Replace a record so that its frame is right in itself, as one who knows the format would."""
    segment = [segment for segment in frames.segments(folder) if segment.first <= index][-1]
    bodies = {frame.index: frame.body for frame in frames.scan(segment, SHA256)} | {index: body}
    packed = [frames.pack(at, leaf_hash(text), text) for at, text in bodies.items()]
    segment.path.write_bytes(b"".join(packed))


@pytest.mark.parametrize(("index", "named"), [(0, 0), (2, 0), (3, 3), (8, 7), (14, 14), (20, 15)])
def test_a_skilful_forgery_is_named_by_the_first_record_its_checkpoint_covers(folder, index, named):
    forge(folder, index, b"forged")
    report = bad(folder)
    assert report.first_bad == named
    assert "not those that were signed" in report.reason


def rewritten(folder, number, **facts):
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    line = {**json.loads(lines[number]), **facts}
    lines[number] = json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (folder / history.NAME).write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    "facts", [{"root": "00" * 32}, {"at": "2020-01-01T00:00:00Z"}, {"size": 8}, {"key_id": "0" * 16}, {"signature": ""}]
)
def test_an_edited_checkpoint_is_named_by_the_first_record_it_covers(folder, facts):
    rewritten(folder, 2, **facts)
    report = bad(folder)
    assert (report.first_bad, report.segment) == (7, history.NAME)
    assert report.offset == sum(map(len, (folder / history.NAME).read_bytes().splitlines(keepends=True)[:2]))


def test_a_line_that_is_no_checkpoint_is_named(folder):
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    (folder / history.NAME).write_bytes(b"".join([*lines[:3], b"junk\n", *lines[3:]]))
    assert bad(folder).first_bad == 9


def test_checkpoints_in_another_order_are_found(folder):
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    (folder / history.NAME).write_bytes(b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]))
    assert bad(folder).first_bad == 9


def test_a_checkpoint_of_another_log_is_found(folder, tmp_path):
    with a_log(tmp_path / "other", origin="other") as opened:
        opened.append(some_records(3))
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    lines[0] = (tmp_path / "other" / history.NAME).read_bytes()
    (folder / history.NAME).write_bytes(b"".join(lines))
    report = bad(folder)
    assert (report.first_bad, "another log (other)" in report.reason) == (0, True)


def test_the_wrong_key_is_named(folder):
    other = its_verifier(a_signer(number=2))
    report = verify_log(folder, other)
    assert (report.ok, report.first_bad) == (False, 0)
    assert a_signer().key_id in report.reason
    assert other.key_id in report.reason


def test_a_log_json_with_another_key_does_not_help_a_forger(folder):
    path = folder / "log.json"
    facts = json.loads(path.read_bytes()) | {"public_key": a_signer(number=2).public_pem().decode()}
    path.write_text(json.dumps(facts))
    assert bad(folder).first_bad == 0
    assert not verify_log(folder).ok
    path.write_text(json.dumps(facts | {"public_key": "junk"}))
    assert "cannot be read" in bad(folder).reason
    assert not verify_log(folder).ok


def test_a_log_that_shrank_is_found_by_a_checkpoint_known_from_elsewhere(folder):
    with a_log(folder) as opened:
        known = [receipt.checkpoint for receipt in opened.append(some_records(2, TOTAL))[:1]]
    assert verify_log(folder, VERIFIER, known=known).ok
    path, start, _ = layout(folder)[TOTAL]
    os.truncate(path, start)
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    (folder / history.NAME).write_bytes(b"".join(lines[:-1]))
    assert verify_log(folder, VERIFIER).ok
    report = bad(folder, known=known)
    assert report.first_bad == TOTAL
    assert "known from elsewhere" in report.reason


def test_a_rewritten_past_is_found_by_a_checkpoint_known_from_elsewhere(folder, tmp_path):
    with a_log(tmp_path / "fresh") as opened:
        known = opened.append([b"another past"] * 8)[0].checkpoint
    report = bad(folder, known=[known])
    assert report.first_bad == 7
    rival = opened.checkpoint
    rival.signature = bytes(64)
    assert "was changed" in bad(folder, known=[rival]).reason


def test_removed_checkpoints_are_found_when_more_than_one_batch_is_left_unsigned(tmp_path):
    with a_log(tmp_path) as opened:
        opened.append([b"r"] * (LARGEST_BATCH + 1))
    (tmp_path / history.NAME).unlink()
    report = bad(tmp_path)
    assert (report.first_bad, report.size) == (0, 0)


def test_a_flaw_behind_the_newest_checkpoint_is_named_unless_it_is_a_torn_end(folder):
    path = frames.segments(folder)[-1].path
    whole = path.read_bytes()
    path.write_bytes(whole + b"torn")
    assert verify_log(folder, VERIFIER).ok
    path.write_bytes(whole + frames.pack(TOTAL, bytes(32), b"x"))
    assert bad(folder).first_bad == TOTAL
    path.write_bytes(whole + b"torn")
    frames.segment_path(folder, TOTAL).touch()
    assert bad(folder).first_bad == TOTAL


def test_the_memory_of_the_writer_is_not_trusted(folder):
    (folder / state.NAME).write_bytes(b"nonsense")
    assert verify_log(folder, VERIFIER).ok


def test_the_log_may_be_written_while_it_is_verified(folder):
    with a_log(folder) as opened:
        opened.append(some_records(2, TOTAL))
        assert verify_log(folder, VERIFIER).size == TOTAL + 2


def test_segments_begun_while_verifying_are_followed(folder):
    reading = verify._frames(folder, SHA256)
    seen = [next(reading).index for _ in range(TOTAL)]
    with a_log(folder, segment_bytes=300) as opened:
        for _ in range(4):
            opened.append(some_records(4, opened.size))
    assert seen + [frame.index for frame in reading] == list(range(TOTAL + 16))


def evidence(tmp_path, *names):
    for name in names:
        with a_log(tmp_path / name, origin=name) as opened:
            opened.append(some_records(2))
    (tmp_path / "node.pub").write_bytes(a_signer().public_pem())
    return tmp_path


def test_all_logs_of_a_folder_are_verified_by_its_key(tmp_path):
    reports = verify_directory(evidence(tmp_path, "gateway-0", "acts"))
    assert [(report.origin, report.ok) for report in reports] == [("acts", True), ("gateway-0", True)]
    assert [report.ok for report in verify_directory(tmp_path / "acts")] == [True]


def test_a_log_does_not_hide_by_losing_a_file(tmp_path):
    folder = evidence(tmp_path, "acts")
    (folder / "acts" / "log.json").unlink()
    assert [(report.ok, report.first_bad) for report in verify_directory(folder)] == [(False, 0)]
    (folder / "acts" / history.NAME).unlink()
    assert [report.ok for report in verify_directory(folder)] == [False]


def test_a_folder_without_logs_or_key_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(Unknown, match="no evidence log"):
            verify_directory(folder)
    folder = evidence(tmp_path, "acts")
    (folder / "node.pub").write_bytes(b"junk")
    with pytest.raises(Malformed):
        verify_directory(folder)
    (folder / "node.pub").unlink()
    with pytest.raises(Unknown, match=r"node\.pub"):
        verify_directory(folder)
