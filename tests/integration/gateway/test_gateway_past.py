# SPDX-License-Identifier: Apache-2.0
"""What a gateway that starts reads of today's evidence: the same with a sum of it as without, whatever the sum says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from datong.crypto import keys
from datong.gateway import past
from datong.ledger.log import Log
from datong.ledger.recovery import Damaged
from datong.wire.instants import text_of

NOON = 1_790_006_400.0 + 43_200


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A log of today, its folder of sums, and a way to append calls and tokens; a sum is worth writing at once."""
    monkeypatch.setattr(past, "WORTH", 1)
    log = Log.open(tmp_path / "gateway-0", origin="330000/gateway-0", signer=keys.generate(tmp_path / "key"))

    def call(grant: str, count: int = 1, at: float = NOON) -> None:
        log.append([orjson.dumps({"kind": "call", "at": text_of(at), "code": "ok", "status": 200, "grant": grant})] * count)

    def token(mark: str, at: float = NOON) -> None:
        log.append([orjson.dumps({"kind": "token", "at": text_of(at), "assertion": mark})])

    yield SimpleNamespace(folder=tmp_path, call=call, token=token, sum=tmp_path / "past-0.json")
    log.close()


def read(day, now: float = NOON) -> tuple[dict, dict]:
    """What is found with the sum, after it was compared with what is found without."""
    with_sum, without = past.recover_all(day.folder, day.folder, now)[0], past.recover(day.folder / "gateway-0", now)
    assert (with_sum.calls, with_sum.assertions) == (without.calls, without.assertions)
    return with_sum.calls, with_sum.assertions


def test_only_what_was_written_since_is_read(day, monkeypatch: pytest.MonkeyPatch):
    day.call("SQ-1", 50, NOON - 86_400)
    day.call("SQ-1", 50)
    day.token("a")
    day.token("old", NOON - past.MEMORY)
    assert read(day) == ({"SQ-1": 50}, {"a": NOON + past.MEMORY})
    day.call("SQ-1", 2)
    day.call("SQ-2")
    starts: list[int] = []
    whole = past.read.records
    monkeypatch.setattr(past.read, "records", lambda directory, start: starts.append(start) or whole(directory, start))
    assert past.recover_all(day.folder, day.folder, NOON)[0].calls == {"SQ-1": 52, "SQ-2": 1} and starts == [102]
    assert read(day, NOON + past.MEMORY + 1) == ({"SQ-1": 52, "SQ-2": 1}, {})


def test_a_sum_of_yesterday_counts_for_nothing_today(day):
    day.call("SQ-1", 5)
    assert read(day)[0] == {"SQ-1": 5}
    day.call("SQ-1", 1, NOON + 86_400)
    assert read(day, NOON + 86_400)[0] == {"SQ-1": 1}


@pytest.mark.parametrize("harm", [{"root": "00" * 32}, {"size": 9_999}, {"size": 3}, {"calls": 7}, None])
def test_a_sum_the_log_does_not_lead_to_counts_for_nothing(day, harm: dict | None):
    day.call("SQ-1", 5)
    read(day)
    said = {**orjson.loads(day.sum.read_bytes()), "calls": {"SQ-1": 0}}
    for torn in (b'{"day":', b'{"day":"\xff"}'):
        day.sum.write_bytes(orjson.dumps({**said, **harm}) if harm else torn)
        assert read(day)[0] == {"SQ-1": 5}


def test_what_nobody_waits_for_is_summed_up_piece_by_piece(day, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(past, "AT_ONCE", 15)
    for _ in range(5):
        day.call("SQ-1", 10)
    sizes = []
    for _ in range(4):
        past.sum_up(day.folder, day.folder, NOON)
        sizes.append(orjson.loads(day.sum.read_bytes())["size"])
    assert sizes == [20, 40, 50, 50] and day.sum.stat().st_mode & 0o777 == 0o600
    assert read(day)[0] == {"SQ-1": 50}


def test_a_damaged_log_of_another_gateway_holds_none_up(day, caplog: pytest.LogCaptureFixture):
    day.call("SQ-1", 5)
    segment = next((day.folder / "gateway-0").glob("*.seg"))
    segment.write_bytes(segment.read_bytes().replace(b"SQ-1", b"SQ-2", 1))
    assert past.recover_all(day.folder, day.folder, NOON, own=1) == {} and "gateway-0" in caplog.text
    past.sum_up(day.folder, day.folder, NOON)
    with pytest.raises(Damaged):
        past.recover_all(day.folder, day.folder, NOON)
