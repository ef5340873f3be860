# SPDX-License-Identifier: Apache-2.0
"""The log on the disk: what was acknowledged is there, signed and provable, whoever opens it next."""

import threading

import pytest

from datong.kernel.errors import Conflict, Malformed, Unavailable, Unknown
from datong.ledger import frames, history, identity, log, state
from datong.ledger.log import LARGEST_BATCH, Log
from datong.ledger.read import records
from datong.ledger.receipts import decode, verify_receipt
from datong.ledger.recovery import Damaged
from datong.ledger.verify import verify_log
from factories.evidence import ORIGIN, a_log, a_signer, its_verifier, some_records


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_each_record_gets_a_receipt_that_proves_it(tmp_path, algorithm):
    signer = a_signer(algorithm)
    with a_log(tmp_path / "log", signer=signer) as opened:
        receipts = [receipt for size in (1, 5, 2, 9) for receipt in opened.append(some_records(size, opened.size))]
        assert opened.size == 17
    for index, receipt in enumerate(receipts):
        assert receipt.index == index
        verify_receipt(decode(receipt.encode()), its_verifier(signer), record=some_records(17)[index])
    assert verify_log(tmp_path / "log", its_verifier(signer)).ok
    assert identity.load(tmp_path / "log").hash == {"ed25519": "sha256", "sm2": "sm3"}[algorithm]


def test_a_log_goes_on_where_it_stood(tmp_path):
    for start in range(0, 12, 3):
        with a_log(tmp_path) as opened:
            assert opened.size == start
            opened.append(some_records(3, start))
    assert [body for _, body in records(tmp_path)] == some_records(12)
    assert verify_log(tmp_path).checkpoints == 4


def test_nothing_appended_is_nothing_signed(tmp_path):
    with a_log(tmp_path) as opened:
        assert opened.append([]) == []
        assert (opened.size, opened.checkpoint) == (0, None)
    assert verify_log(tmp_path).ok


def test_an_empty_record_and_one_of_many_segments_are_records(tmp_path):
    bodies = [b"", b"x" * 500, b"", "政务".encode()]
    with a_log(tmp_path, segment_bytes=90) as opened:
        for body in bodies:
            opened.append([body])
        opened.append([b"last"])
    assert [body for _, body in records(tmp_path)] == [*bodies, b"last"]
    assert [segment.first for segment in frames.segments(tmp_path)] == [0, 2, 4]
    assert verify_log(tmp_path).ok
    with a_log(tmp_path, segment_bytes=90) as opened:
        assert opened.size == 5


def test_a_large_append_is_signed_in_parts(tmp_path):
    with a_log(tmp_path) as opened:
        receipts = opened.append([b"r"] * (2 * LARGEST_BATCH + 1))
    assert len(receipts) == 2 * LARGEST_BATCH + 1
    assert verify_log(tmp_path).checkpoints == 3
    verify_receipt(receipts[-1], its_verifier(a_signer()))


def test_what_is_no_record_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "LARGEST_RECORD", 10)
    with a_log(tmp_path) as opened:
        for wrong in ([b"good", "text"], [b"good", b"x" * 11], [None]):
            with pytest.raises(Malformed):
                opened.append(wrong)
        opened.append([b"good"])
        assert opened.size == 1


def test_there_is_one_writer(tmp_path):
    with a_log(tmp_path), pytest.raises(Unavailable, match="another writer"):
        a_log(tmp_path)
    a_log(tmp_path).close()


def test_a_second_writer_waits_and_finds_all(tmp_path):
    first, seen = a_log(tmp_path), []

    def second():
        with a_log(tmp_path, wait=True) as opened:
            seen.append(opened.size)

    waiting = threading.Thread(target=second)
    waiting.start()
    first.append(some_records(4))
    first.close()
    waiting.join(60)
    assert seen == [4]


def test_a_closed_log_takes_nothing(tmp_path):
    opened = a_log(tmp_path)
    opened.close()
    opened.close()
    assert opened.closed
    with pytest.raises(Unavailable, match="closed"):
        opened.append([b"x"])


def test_a_log_is_opened_by_its_own_name_and_key_alone(tmp_path):
    a_log(tmp_path).close()
    with pytest.raises(Conflict, match="is of 330000/test, not of other"):
        a_log(tmp_path, origin="other")
    with pytest.raises(Conflict, match="another key"):
        a_log(tmp_path, signer=a_signer(number=2))
    a_log(tmp_path).close()


@pytest.mark.parametrize("origin", ["", "o" * 201, "省" * 70])
def test_an_origin_has_a_sensible_length(tmp_path, origin):
    with pytest.raises(Malformed):
        a_log(tmp_path / "log", origin=origin)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"origin":1}', b"\xff"])
def test_a_broken_log_json_is_refused(tmp_path, text):
    a_log(tmp_path).close()
    (tmp_path / "log.json").write_bytes(text)
    with pytest.raises(Malformed):
        a_log(tmp_path)
    assert not verify_log(tmp_path).ok


@pytest.mark.parametrize(("old", "new"), [(b"datong-log/1", b"datong-log/9"), (b'"sha256"', b'"md5"'), (b'"sha256"', b"1")])
def test_a_log_json_of_another_form_is_refused(tmp_path, old, new):
    a_log(tmp_path).close()
    path = tmp_path / "log.json"
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(Malformed):
        a_log(tmp_path)


def test_segments_without_log_json_are_left_alone(tmp_path):
    with a_log(tmp_path) as opened:
        opened.append([b"x"])
    (tmp_path / "log.json").unlink()
    with pytest.raises(Conflict, match="without log"):
        a_log(tmp_path)
    with pytest.raises(Unknown):
        identity.load(tmp_path)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be opened"):
        a_log(tmp_path / "file" / "log")


def raising(error):
    """Give a function that raises whatever it is called with."""

    def act(*_, **__):
        raise error

    return act


def failing(after=0):
    """Give a `write_all` that fails after some writes, having written a part."""
    left = [after]
    whole = log.files.write_all

    def write(handle, data):
        if left[0] == 0:
            log.os.write(handle, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        left[0] -= 1
        whole(handle, data)

    return write


@pytest.mark.parametrize("after", [0, 1], ids=["segment", "checkpoint"])
def test_a_full_disk_closes_the_writer_and_loses_nothing_acknowledged(tmp_path, monkeypatch, after):
    opened = a_log(tmp_path)
    opened.append(some_records(3))
    with monkeypatch.context() as patched:
        patched.setattr(log.files, "write_all", failing(after))
        with pytest.raises(Unavailable, match="No space left"):
            opened.append(some_records(5, 3))
    assert opened.closed
    with pytest.raises(Unavailable, match="closed"):
        opened.append([b"x"])
    report = verify_log(tmp_path)
    assert (report.ok, report.size - report.unsigned) == (True, 3)
    with a_log(tmp_path) as again:
        assert again.size >= 3
        again.append([b"after"])
    found = [body for _, body in records(tmp_path)]
    assert found[:3] == some_records(3)
    assert found[-1] == b"after"
    assert verify_log(tmp_path).unsigned == 0


def test_any_failure_inside_an_append_closes_the_writer(tmp_path, monkeypatch):
    opened = a_log(tmp_path)
    monkeypatch.setattr(log.checkpoints, "sign", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        opened.append([b"x"])
    assert opened.closed


def test_a_short_write_is_finished(tmp_path, monkeypatch):
    whole = log.os.write
    with a_log(tmp_path) as opened, monkeypatch.context() as patched:
        patched.setattr(log.files.os, "write", lambda handle, data: whole(handle, data[:7]))
        opened.append(some_records(5))
    assert verify_log(tmp_path).ok


def test_a_failure_while_taking_up_gives_the_lock_back(tmp_path, monkeypatch):
    with a_log(tmp_path) as opened:
        opened.append(some_records(2))
    (tmp_path / history.NAME).unlink()
    with monkeypatch.context() as patched:
        patched.setattr(log.files, "write_all", failing())
        with pytest.raises(Unavailable):
            a_log(tmp_path)
    with a_log(tmp_path) as opened:
        assert opened.size == 2


def test_a_memory_that_cannot_be_kept_costs_no_record(tmp_path, monkeypatch):
    opened = a_log(tmp_path)
    opened.append(some_records(2))
    with monkeypatch.context() as patched:
        patched.setattr(state, "save", raising(OSError(5, "Input/output error")))
        opened.close()
    assert opened.closed
    with a_log(tmp_path) as again:
        assert again.size == 2


def test_the_writer_keeps_its_memory_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "REMEMBER_EVERY", 10)
    opened = a_log(tmp_path)
    for start in range(0, 24, 4):
        opened.append(some_records(4, start))
    assert state.load(tmp_path, opened.digest).frontier.size == 24
    opened.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b'{"nodes":{},"offset":0,"segment":0,"size":-1}'),
        lambda path: path.write_bytes(b'{"nodes":{},"offset":0,"segment":0,"size":0}'),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"offset":', b'"offset":1')),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"segment":', b'"segment":7')),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"size":5', b'"size":6')),
        lambda path: path.write_bytes(b'{"nodes":{"0":"' + b"00" * 32 + b'"},"offset":9,"segment":0,"size":1}'),
    ],
)
def test_a_lost_or_false_memory_changes_nothing(tmp_path, spoil):
    with a_log(tmp_path) as opened:
        opened.append(some_records(5))
    spoil(tmp_path / state.NAME)
    with a_log(tmp_path) as opened:
        opened.append(some_records(1, 5))
    assert [body for _, body in records(tmp_path)] == some_records(6)
    assert verify_log(tmp_path).ok


def test_a_receipt_names_the_origin_of_its_log(tmp_path):
    with Log.open(tmp_path, origin=ORIGIN, signer=a_signer()) as opened:
        assert opened.append([b"x"])[0].origin == opened.origin == ORIGIN


def test_a_damaged_log_is_not_opened(tmp_path):
    with a_log(tmp_path) as opened:
        opened.append(some_records(5))
    path = frames.segments(tmp_path)[0].path
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    with pytest.raises(Damaged) as caught:
        a_log(tmp_path)
    assert "datong ledger verify" in str(caught.value.remedy)
    assert path.read_bytes() == data[:-3]
