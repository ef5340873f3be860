# SPDX-License-Identifier: Apache-2.0
"""Whatever kills the writer: acknowledged records stay, torn tails go, damage is never written over."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from datong.crypto import keys
from datong.crypto.digests import SHA256
from datong.ledger import frames, history, state
from datong.ledger.merkle import leaf_hash
from datong.ledger.read import records
from datong.ledger.recovery import Damaged
from datong.ledger.verify import verify_log
from factories.evidence import a_log, a_signer, its_verifier, some_records

WRITER = """
import sys
from pathlib import Path
from datong.crypto.keys import load_signer
from datong.ledger.log import Log
folder, key = map(Path, sys.argv[1:])
log = Log.open(folder, origin="330000/test", signer=load_signer(key), segment_bytes=20_000)
while True:
    for receipt in log.append([f"record {log.size + at}".encode() * 20 for at in range(log.size % 7 + 1)]):
        sys.stdout.write(f"{receipt.index}\\n")
    sys.stdout.flush()
"""


def test_a_writer_killed_at_any_moment_loses_nothing_acknowledged(tmp_path):
    signer = keys.generate(tmp_path / "key")
    folder, chance, acknowledged = tmp_path / "log", random.Random(809), -1
    for _ in range(6):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", WRITER, str(folder), str(tmp_path / "key")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.15))
            writer.send_signal(signal.SIGKILL)
            printed = (first + writer.stdout.read()).split(b"\n")[:-1]
        acknowledged = max(acknowledged, int(printed[-1]))
        assert verify_log(folder, its_verifier(signer)).ok
        with a_log(folder, signer=signer, segment_bytes=20_000) as opened:
            assert opened.size > acknowledged
        report = verify_log(folder, its_verifier(signer))
        assert (report.ok, report.unsigned) == (True, 0), report
        assert all(body == f"record {index}".encode() * 20 for index, body in records(folder))
    assert acknowledged > 5


@pytest.fixture
def folder(tmp_path):
    """A closed log of seven records in two segments, in batches of 4, 2 and 1."""
    with a_log(tmp_path, segment_bytes=150) as opened:
        for size in (4, 2, 1):
            opened.append(some_records(size, opened.size))
    assert [segment.first for segment in frames.segments(tmp_path)] == [0, 4]
    return tmp_path


def last_segment(folder):
    return frames.segments(folder)[-1].path


def frame(index, body, leaf=None):
    return frames.pack(index, leaf or leaf_hash(body), body)


@pytest.mark.parametrize("memory", ["remembered", "forgotten", "stale"])
@pytest.mark.parametrize(
    "tail",
    [b"\x00", frame(7, b"torn")[:-1], frame(7, b"torn")[:43], bytes(100), frame(7, b"x", bytes(32)), frame(9, b"x")],
    ids=["byte", "body", "head", "zeros", "leaf", "index"],
)
def test_a_torn_tail_is_cut_and_the_log_goes_on(folder, tail, memory):
    if memory == "forgotten":
        (folder / state.NAME).unlink()
    if memory == "stale":
        state.save(folder, state.State(state.Frontier(SHA256), 0, 0))
    whole = last_segment(folder).read_bytes()
    last_segment(folder).write_bytes(whole + tail)
    with a_log(folder) as opened:
        assert opened.size == 7
        assert last_segment(folder).read_bytes() == whole
        opened.append(some_records(2, 7))
    assert [body for _, body in records(folder)] == some_records(9)
    assert verify_log(folder).ok


@pytest.mark.parametrize("torn", [b"", frame(9, b"torn")[:-2]])
def test_whole_frames_behind_the_newest_checkpoint_are_kept_and_signed(folder, torn):
    with last_segment(folder).open("ab") as file:
        file.write(frame(7, b"seven") + frame(8, b"eight") + torn)
    assert [index for index, _ in records(folder)] == list(range(7))
    report = verify_log(folder)
    assert (report.ok, report.size, report.unsigned) == (True, 9, 2)
    with a_log(folder) as opened:
        assert opened.size == 9
    assert [body for _, body in records(folder, 7)] == [b"seven", b"eight"]
    assert verify_log(folder).unsigned == 0


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_lost_checkpoint_lines_are_made_good_by_a_fresh_one(folder, keep):
    lines = (folder / history.NAME).read_bytes().splitlines(keepends=True)
    (folder / history.NAME).write_bytes(b"".join(lines[:keep]) + lines[keep][:-10])
    with a_log(folder) as opened:
        assert opened.size == 7
    report = verify_log(folder, its_verifier(a_signer()))
    assert (report.ok, report.checkpoints) == (True, keep + 1)


def test_an_empty_segment_begun_before_the_kill_is_used(folder):
    frames.segment_path(folder, 7).touch()
    with a_log(folder) as opened:
        opened.append([b"seven"])
    assert [body for _, body in records(folder, 7)] == [b"seven"]
    assert frames.segment_path(folder, 7).stat().st_size > 0
    assert verify_log(folder).ok


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: flip(frames.segments(folder)[0].path, 50),
        lambda folder: flip(last_segment(folder), -1),
        lambda folder: last_segment(folder).unlink(),
        lambda folder: frames.segments(folder)[0].path.unlink(),
        lambda folder: os.truncate(last_segment(folder), 0),
        lambda folder: os.truncate(frames.segments(folder)[0].path, 60),
        lambda folder: (folder / history.NAME).write_bytes(b"junk\n"),
        lambda folder: flip(folder / history.NAME, -10),
        lambda folder: rewrite(folder, 0, b"another record"),
    ],
)
def test_damage_under_a_checkpoint_is_never_written_over(folder, damage):
    (folder / state.NAME).unlink()
    damage(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Damaged):
        a_log(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def rewrite(folder, index, body):
    """Replace a record by one whose frame is right in itself."""
    segment = frames.segments(folder)[0]
    found = list(frames.scan(segment, SHA256))
    bodies = {frame.index: frame.body for frame in found} | {index: body}
    segment.path.write_bytes(b"".join(frame(at, text) for at, text in bodies.items()))


def test_a_torn_frame_in_an_earlier_segment_is_damage(folder):
    (folder / history.NAME).unlink()
    (folder / state.NAME).unlink()
    os.truncate(frames.segments(folder)[0].path, frames.segments(folder)[0].path.stat().st_size - 2)
    with pytest.raises(Damaged):
        a_log(folder)


def test_a_false_memory_never_cuts_what_was_acknowledged(folder):
    path = folder / state.NAME
    size = last_segment(folder).stat().st_size
    for offset in (0, 1, size - 1):
        facts = path.read_bytes().replace(b'"offset":%d' % size, b'"offset":%d' % offset)
        path.write_bytes(facts)
        with a_log(folder) as opened:
            assert opened.size == 7
        assert last_segment(folder).stat().st_size == size
