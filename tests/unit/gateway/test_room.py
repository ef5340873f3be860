# SPDX-License-Identifier: Apache-2.0
"""Room on the disk: warned in time, shut before it is full, open again with a little room between."""

from __future__ import annotations

from pathlib import Path

import pytest

from datong.gateway.room import Room, filled


@pytest.fixture
def disk(caplog: pytest.LogCaptureFixture):
    """A disk whose fullness is said, and the room on it."""
    caplog.set_level("WARNING", "datong.gateway")
    shares: list[float | None] = [0.5]

    def measure(_: Path) -> float:
        if shares[-1] is None:
            raise OSError(5, "gone")
        return shares[-1]

    return shares, Room(Path(), 0.80, 0.98, measure)


@pytest.mark.parametrize(
    ("course", "warns", "shut"),
    [
        ([0.79], False, False), ([0.80], True, False), ([0.979], True, False), ([0.98], True, True),
        ([0.98, 0.975], True, True), ([0.98, 0.969], True, False), ([0.98, 0.5], False, False), ([None], True, True),
        ([None, 0.5], False, False),
    ],
)  # fmt: skip
def test_it_warns_shuts_and_opens(disk, course: list, warns: bool, shut: bool):
    shares, room = disk
    for share in course:
        shares.append(share)
        room.look()
    assert (room.warns, room.shut) == (warns, shut)


def test_each_change_is_said_once(disk, caplog: pytest.LogCaptureFixture):
    shares, room = disk
    for share in (0.81, 0.82, 0.99, 0.995, 0.9, 0.85, 0.2):
        shares.append(share)
        room.look()
    assert [(one.levelname, "room" in one.message) for one in caplog.records] == [
        ("WARNING", True), ("ERROR", True), ("WARNING", True),
    ]  # fmt: skip


def test_a_real_disk_is_partly_full(tmp_path: Path):
    assert 0 < filled(tmp_path) < 1
