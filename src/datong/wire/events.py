# SPDX-License-Identifier: Apache-2.0
"""Change events on disk: one stream for each resource and policy, read by gateways, written by the node.

Kept here: a stream is a folder named by the digest of its policy; a segment holds the events of one lake version, is
written once and never changes; what the manifest names is whole. A cursor says after which event one has read; one whose
events are no longer kept, or whose stream is another's, is answered with a call to read everything anew.
"""

import os
import re
import struct
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from datong.kernel.errors import DatongError, Malformed

CHANNEL: Final = "datong_events"
"""PostgreSQL NOTIFY: `resource folder/digest` of a stream that grew."""
FOLDER: Final = "events"
MANIFEST: Final = "manifest.json"
EVERY: Final = 100
"""Events between two offsets of a segment."""
NEVER: Final = 999_999_999
LARGEST_PAGE: Final = 4 * 1024 * 1024
_CURSOR: Final = re.compile(r"([0-9a-f]{16})-([0-9]{1,18})-([0-9]{1,9})")
_OFFSET: Final = struct.Struct("<Q")


class ResyncRequired(DatongError):
    """The events after a cursor cannot be given: the data are read anew, and followed from a newer cursor."""

    code, status, title = "resync_required", 410, "Read everything anew"


class Cursor(msgspec.Struct, frozen=True, order=True):
    """After which event one has read: the event's number in its version, from 1; 0 is before the first.

    Attributes:
        stream: First 16 digits of the digest.
        version: Of the lake table; everything of earlier ones was read.
        index: Events of that version that were read.
    """

    stream: str
    version: int
    index: int = 0

    def __str__(self) -> str:
        return f"{self.stream}-{self.version}-{self.index}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a cursor.

        Raises:
            Malformed: It was never given out.
        """
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise Malformed("this cursor was not given by us", fields={"after": "the id of an event, or `next` of a page"})
        return cls(found[1], int(found[2]), int(found[3]))


class Segment(msgspec.Struct, frozen=True):
    """The events of one lake version: how many, and when they were written (seconds since 1970)."""

    version: int
    events: int
    at: float


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream holds.

    Attributes:
        since: Version after which it begins; no older cursor can be followed.
        passed: Events of that version; who has read them all has missed none.
        newest: Version up to which changes were told, with or without events.
        segments: Versions that have events, in order.
    """

    digest: str
    since: int
    passed: int = NEVER
    newest: int
    segments: tuple[Segment, ...] = ()

    @property
    def name(self) -> str:
        """How cursors name the stream."""
        return self.digest[:16]

    @property
    def end(self) -> Cursor:
        """Cursor after everything."""
        return Cursor(self.name, self.newest + 1)

    def after(self, version: int) -> Cursor:
        """Cursor after everything of a version and before."""
        return Cursor(self.name, version + 1)

    def checked(self, cursor: Cursor) -> Cursor:
        """Give the cursor back, were its events kept.

        Raises:
            ResyncRequired: Another stream's, too old, or of an event that was never told.
        """
        begun = Cursor(self.name, self.since, self.passed) <= cursor
        if cursor.stream == self.name and begun and (cursor <= self.end or cursor.index == 0):
            return cursor
        why = "数据口径已变化" if cursor.stream != self.name else "之后的变化已不再保存"
        raise ResyncRequired(
            f"{why}，须重新取全部数据 (the events after this cursor cannot be given: read everything anew)",
            fields={"after": str(self.end)},
            remedy="先记下 errors.after 中的游标，再重新取全部数据，然后从该游标跟随 (note the cursor in errors.after, read "
            "everything anew, then follow from that cursor)",
        )

    def behind(self, cursor: Cursor) -> int:
        """How many events stand after a cursor of this stream."""
        whole = sum(one.events for one in self.segments if one.version > cursor.version)
        part = next((one.events for one in self.segments if one.version == cursor.version), 0)
        return whole + max(0, part - cursor.index)


class Page(msgspec.Struct, frozen=True):
    """Some events as they stand in the segment, the cursor after them, and the versions they are of."""

    lines: tuple[bytes, ...]
    next: Cursor
    versions: tuple[int, ...] = ()


_manifests = msgspec.json.Decoder(Manifest)


def manifest(folder: Path) -> Manifest | None:
    """Read what a stream holds; None while there is none."""
    try:
        return _manifests.decode((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None


def event(cursor: Cursor, kind: str, at: str, images: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Write an event: its id is the cursor after it.

    Args:
        cursor: Its place.
        kind: insert, update or delete.
        at: UTC time of the commit.
        images: `before` and `after`, those that there are.
    """
    return msgspec.json.encode({"id": str(cursor), "type": kind, "version": cursor.version, "at": at, **images})


def page(folder: Path, held: Manifest, after: Cursor, limit: int) -> Page:
    """Read the events after a cursor, at most `limit` of them and some megabytes.

    Raises:
        ResyncRequired: As `Manifest.checked`.
    """
    after = held.checked(after)
    lines: list[bytes] = []
    versions: list[int] = []
    size = 0
    for one in held.segments:
        if one.version < after.version or (one.version == after.version and one.events <= after.index):
            continue
        start = after.index if one.version == after.version else 0
        found = _lines(folder, one.version, start, min(limit - len(lines), one.events - start))
        for place, line in enumerate(found, start + 1):
            size += len(line)
            if lines and size > LARGEST_PAGE:
                return Page(tuple(lines), after, tuple(versions))
            lines.append(line)
            after = Cursor(held.name, one.version, place)
            if one.version not in versions[-1:]:
                versions.append(one.version)
        if len(lines) >= limit:
            return Page(tuple(lines), after, tuple(versions))
    return Page(tuple(lines), max(after, held.end), tuple(versions))


def write(folder: Path, version: int, lines: Iterable[bytes]) -> int:
    """Write the segment of a version, whole or not at all; returns its events. Nothing is named before `publish`."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh, count, place = folder / f"{version}.new", 0, 0
    offsets = bytearray()
    with fresh.open("wb") as file:
        for line in lines:
            if count % EVERY == 0:
                offsets += _OFFSET.pack(place)
            place += file.write(line + b"\n")
            count += 1
        _settle(file)
    if not count:
        fresh.unlink()
        return 0
    _replace(folder / f"{version}.at", bytes(offsets))
    fresh.replace(folder / f"{version}.ndjson")
    return count


def publish(folder: Path, held: Manifest) -> None:
    """Name what a stream holds from now on, and remove the segments it no longer names."""
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / MANIFEST, msgspec.json.encode(held))
    named = {one.version for one in held.segments}
    for path in folder.iterdir():
        if path.suffix == ".new" or (path.suffix in {".ndjson", ".at"} and int(path.stem) not in named):
            path.unlink(missing_ok=True)


def kept(held: Manifest, seconds: float, now: float | None = None) -> Manifest:
    """Give a stream without the segments older than some seconds."""
    before = (time.time() if now is None else now) - seconds
    old = [one for one in held.segments if one.at < before]
    if not old:
        return held
    left = tuple(one for one in held.segments if one.version > old[-1].version)
    return msgspec.structs.replace(held, since=old[-1].version, passed=old[-1].events, segments=left)


def _lines(folder: Path, version: int, start: int, most: int) -> list[bytes]:
    with (folder / f"{version}.at").open("rb") as offsets:
        offsets.seek(start // EVERY * _OFFSET.size)
        (place,) = _OFFSET.unpack(offsets.read(_OFFSET.size))
    with (folder / f"{version}.ndjson").open("rb") as file:
        file.seek(place)
        for _ in range(start % EVERY):
            file.readline()
        return [file.readline().rstrip(b"\n") for _ in range(most)]


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        _settle(file)
    fresh.replace(path)


def _settle(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())
