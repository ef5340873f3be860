# SPDX-License-Identifier: Apache-2.0
"""The past: what today's evidence says of quotas used and assertions spent, so that a restart forgives nothing.

Kept here: it is read from the logs themselves. Beside the board lies a sum of each log as far as somebody has read it, so
that a gateway which starts reads only what was written since; it names the signed state it ends at, and one that does not
lead there, or is of another day, counts for nothing. Deleting it costs one slow start.
"""

import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from datong.gateway.assertions import ASSERTION_LIFE, SKEW
from datong.gateway.limits.board import SEATS
from datong.gateway.quotas import day_of, midnight
from datong.kernel.errors import DatongError
from datong.ledger import history, identity, read
from datong.wire.instants import instant, text_of

log = logging.getLogger("datong.gateway")
SEAT: Final = re.compile(r"gateway-(\d{1,2})")
MEMORY: Final = ASSERTION_LIFE + 2 * SKEW
WORTH: Final = 4_096
"""Records read on after which the sum is written anew."""
AT_ONCE: Final = 100_000
"""Records that are summed up in one go, where nobody waits for them."""


@dataclass(slots=True)
class Recovered:
    """What evidence says of the recent past: calls answered today per grant, assertions spent and until when.

    Attributes:
        size: Records of the log read.
    """

    calls: dict[str, int] = field(default_factory=dict)
    assertions: dict[str, float] = field(default_factory=dict)
    size: int = 0


class _Sum(msgspec.Struct):
    day: int
    size: int
    root: str
    calls: dict[str, int]
    assertions: dict[str, float]


class _Past(msgspec.Struct):
    at: str
    kind: str = ""
    code: str = ""
    status: int = 0
    grant: str = ""
    assertion: str = ""
    signature: str = ""
    calls: int = 1


def recover_all(evidence: Path, sums: Path, now: float, own: int = 0) -> dict[int, Recovered]:
    """Read today's records of the logs of all gateways back, by their seats.

    A log of another gateway that is damaged is told and left out: what the board has of its calls stands.

    Args:
        evidence: Folder of the logs.
        sums: Folder of what was summed up before.
        now: seconds since 1970.
        own: Seat of the gateway that asks.

    Raises:
        Damaged, Malformed: Its own log cannot be read back.
    """
    found = {}
    for seat, directory in _logs(evidence):
        try:
            found[seat] = recover(directory, now, sums / f"past-{seat}.json")
        except DatongError as error:
            if seat == own:
                raise
            log.warning("today's calls of %s cannot be read back: %s", directory.name, error)
    return found


def sum_up(evidence: Path, sums: Path, now: float) -> None:
    """Read on in the logs of all gateways, a piece of each, so that whichever starts next has little to read."""
    for seat, directory in _logs(evidence):
        with suppress(DatongError):  # who starts tells of it
            recover(directory, now, sums / f"past-{seat}.json", most=AT_ONCE)


def _logs(evidence: Path) -> list[tuple[int, Path]]:
    found = [(SEAT.fullmatch(directory.name), directory) for directory in sorted(evidence.glob("gateway-*"))]
    return [(int(seat[1]), directory) for seat, directory in found if seat and int(seat[1]) < SEATS]


def recover(directory: Path, now: float, file: Path | None = None, *, most: int | None = None) -> Recovered:
    """Read today's records of a log back.

    Args:
        directory: of the log; it may not exist yet.
        now: seconds since 1970.
        file: where its sum lies and is written; None for none.
        most: Records to read in one go; None for all.
    """
    found = Recovered()
    if not (directory / identity.NAME).exists():
        return found
    day = day_of(now)
    known = _known(file, directory, day) if file is not None else None
    if known is not None:
        found = Recovered(known.calls, known.assertions, known.size)
    else:
        found.size = history.size_before(directory, text_of(min(midnight(day), now - MEMORY)))
    begun = found.size
    _read_on(directory, found, now, begun + most if most is not None else None)
    found.assertions = {mark: until for mark, until in found.assertions.items() if until > now}
    if file is not None and found.size - begun >= WORTH:
        _keep(file, directory, day, found)
    return found


def _read_on(directory: Path, found: Recovered, now: float, most: int | None) -> None:
    end = None
    if most is not None and (mark := history.covering(directory, most)) is not None:
        end = mark.size
    decode, today = msgspec.json.Decoder(_Past).decode, text_of(midnight(day_of(now)))
    for index, body in read.records(directory, start=found.size):
        if index == end:
            return
        found.size = index + 1
        try:
            past = decode(body)
        except ValueError:
            continue
        if past.kind == "call" and past.grant and past.code == "ok" and past.status == 200 and past.at >= today:
            found.calls[past.grant] = found.calls.get(past.grant, 0) + past.calls
        spent = past.assertion if past.kind == "token" else past.signature
        if spent:
            found.assertions[spent] = instant(past.at, field="at") + MEMORY


def _known(file: Path, directory: Path, day: int) -> _Sum | None:
    """What was summed up of this day, where the log still leads to where that ended."""
    try:
        known = msgspec.json.decode(file.read_bytes(), type=_Sum)
        mark = history.covering(directory, known.size)
    except (OSError, ValueError, DatongError):
        return None
    fits = mark is not None and (mark.size, mark.root.hex()) == (known.size, known.root)
    return known if fits and known.day == day else None


def _keep(file: Path, directory: Path, day: int, found: Recovered) -> None:
    """Write the sum; where that fails the next start is slower."""
    with suppress(OSError, DatongError):
        mark = history.covering(directory, found.size)
        if mark is None or mark.size != found.size:
            return
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        sum_ = _Sum(day, found.size, mark.root.hex(), found.calls, found.assertions)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as out:
            out.write(msgspec.json.encode(sum_))
        fresh.replace(file)
