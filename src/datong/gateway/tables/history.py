# SPDX-License-Identifier: Apache-2.0
"""The versions of a derived table that a grant may look back on, and what changed between them.

Kept here: nothing of before the grant began is told: the version then in force is the first, and all its rows count as
inserted by it. What is no longer kept is refused in the words of the reference server, never answered with less.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from datong.engine.backends.manifests import Derived, DerivedChange, DerivedFile
from datong.kernel.errors import Malformed
from datong.wire.delta_sharing.asking import Moment
from datong.wire.delta_sharing.lines import Act

AGAIN: Final = "重新整表读取，再从最新版本跟随 (read the whole table anew, then follow from the newest version)"


@dataclass(frozen=True, slots=True)
class Held:
    """A derived table in its folder."""

    folder: Path
    made: Derived


@dataclass(frozen=True, slots=True)
class Told:
    """A file as an answer tells it: of which folder, what became of it, and in which version (none for the table as is)."""

    folder: Path
    file: DerivedFile | DerivedChange
    act: Act = "file"
    version: int | None = None
    at: int | None = None


def whole(held: Held, *, versioned: bool) -> list[Told]:
    """The files of a table as it is, or as it was where a version was asked for."""
    version, at = (held.made.version, held.made.timestamp) if versioned else (None, None)
    return [Told(held.folder, one, "file", version, at) for one in held.made.filled]


@dataclass(frozen=True, slots=True)
class History:
    """What may be looked back on.

    Attributes:
        kept: Versions that are there and not of before the grant, oldest first; never empty.
        first: The first version of which changes are told.
        begins: Whether all rows of that version count as inserted by it.
    """

    kept: tuple[Held, ...]
    first: int
    begins: bool

    @property
    def newest(self) -> Held:
        """The table as it is."""
        return self.kept[-1]

    @property
    def latest(self) -> int:
        """The newest version."""
        return self.newest.made.version

    def at(self, moment: Moment) -> Held:
        """Find the table of a moment.

        Raises:
            Malformed: There is none any more, or none yet, or it was not kept.
        """
        if moment.now:
            return self.newest
        if moment.version is not None:
            return self._of_version(moment.version)
        at = moment.at or 0
        self._check_not_after(at)
        found = [one for one in self.kept if one.made.timestamp <= at]
        if not found:
            said = f"The provided timestamp ({_text(at)}) is before the earliest version available to this table "
            words = f"({_text(self.kept[0].made.timestamp)}). Please use a timestamp at or after it."
            raise Malformed(said + words, fields={"timestamp": "too early"})
        return self._of_version(max(version for version, when in self._moments() if when <= at))

    def from_when(self, moment: Moment) -> int:
        """Find the first version at or after a moment.

        Raises:
            Malformed: There is none yet.
        """
        if moment.version is not None:
            return moment.version
        at = moment.at or 0
        self._check_not_after(at)
        return min(version for version, when in self._moments() if when >= at)

    def until_when(self, moment: Moment) -> int:
        """Find the last version at a moment; none beyond the newest."""
        if moment.now:
            return self.latest
        if moment.version is not None:
            return min(moment.version, self.latest)
        return max((version for version, when in self._moments() if when <= (moment.at or 0)), default=-1)

    def changes(self, start: int, end: int) -> list[Told]:
        """What changed in some versions, both counted.

        Raises:
            Malformed: They are not all there, or end before they begin.
        """
        self._check_start(start)
        if end < start:
            words = f"CDF range from start {start} to end {end} was invalid. End cannot be before start."
            raise Malformed(words, fields={"endingVersion": f"{start} or more"})
        if start < self.first:
            raise self._not_kept(start, f"You can only query table changes since version {self.first}.")
        return [one for one in self._changes() if start <= (one.version or 0) <= end]

    def steps(self, start: int, end: int) -> list[Told]:
        """The files added and removed from a version on, until another.

        Raises:
            Malformed: They are not all there.
        """
        self._check_start(start)
        if end > self.latest:
            words = f"Provided end version({end}) is invalid. End version cannot be greater than the latest version of the "
            raise Malformed(f"{words}table({self.latest}).", fields={"endingVersion": f"at most {self.latest}"})
        begin = self.kept[0].made.version + (not self.begins)
        if start < begin:
            raise self._not_kept(start, f"You can only query table data since version {begin}.")
        return [one for one in self._steps() if start <= (one.version or 0) <= end]

    def _of_version(self, version: int) -> Held:
        oldest = self.kept[0].made.version
        if version < oldest:
            raise self._not_kept(version, f"You can only query table data since version {oldest}.")
        if version > self.latest:
            words = f"Cannot time travel Delta table to version {version}. Available versions: [{oldest}, {self.latest}]."
            raise Malformed(words, fields={"version": f"{oldest} to {self.latest}"})
        found = next(one for one in reversed(self.kept) if one.made.version <= version)
        if any(found.made.version < one.version <= version for held in self.kept for one in held.made.changes):
            words = f"Cannot time travel Delta table to version {version}: it was followed by another before it was made."
            raise Malformed(words, fields={"version": f"{found.made.version}, or a later one"})
        return found

    def _moments(self) -> Iterator[tuple[int, int]]:
        """Versions and when they were committed."""
        for held in self.kept:
            yield held.made.version, held.made.timestamp
            yield from ((one.version, one.timestamp) for one in held.made.changes if one.version >= self.first)

    def _changes(self) -> Iterator[Told]:
        for place, held in enumerate(self.kept):
            if place == 0 and self.begins:
                yield from _whole_as_added(held)
            else:
                yield from (Told(held.folder, one, "cdf", one.version, one.timestamp) for one in held.made.changes)

    def _steps(self) -> Iterator[Told]:
        if self.begins:
            yield from _whole_as_added(self.kept[0])
        for before, after in pairwise(self.kept):
            gone, come = _apart(before.made.filled, after.made.filled), _apart(after.made.filled, before.made.filled)
            version, at = after.made.version, after.made.timestamp
            yield from (Told(before.folder, one, "remove", version, at) for one in gone)
            yield from (Told(after.folder, one, "add", version, at) for one in come)

    def _check_start(self, start: int) -> None:
        if start > self.latest:
            words = f"Provided Start version({start}) for reading change data is invalid. Start version cannot be greater "
            said = f"{words}than the latest version of the table({self.latest})."
            raise Malformed(said, fields={"startingVersion": f"at most {self.latest}"})

    def _check_not_after(self, at: int) -> None:
        last = self.newest.made.timestamp
        if at > last:
            words = f"The provided timestamp ({_text(at)}) is after the latest version available to this table "
            raise Malformed(f"{words}({_text(last)}).", fields={"timestamp": "too late"})

    def _not_kept(self, version: int, words: str) -> Malformed:
        if version >= self.kept[0].made.version:
            last = self.latest
            words = f"Error getting change data for range [{version}, {last}] as change data was not recorded for version "
            words += f"[{version}]"
        return Malformed(words, fields={"version": f"at least {self.first}"}, remedy=AGAIN)


def history(newest: Held, opens: float, find: Callable[[Path], Derived | None]) -> History:
    """Look back from a table.

    Args:
        newest: The table as it is.
        opens: When the grant begins, in seconds since 1970.
        find: Reads the manifest of a folder; None where it is gone.
    """
    kept = [newest]
    while (before := kept[0].made.before) is not None:
        folder = newest.folder.with_name(f"{before}-{newest.made.digest}")
        made = find(folder)
        if made is None:
            break
        kept.insert(0, Held(folder, made))
    began = opens * 1_000
    of_before = [place for place, one in enumerate(kept) if _reaches(one.made, began)]
    kept = kept[of_before[-1] if of_before else 0 :]
    oldest = kept[0].made
    if of_before or oldest.begins:
        return History(tuple(kept), oldest.version, begins=True)
    first = oldest.version if oldest.before is None else oldest.before
    return History(tuple(kept), first + 1, begins=False)


def _reaches(made: Derived, began: float) -> bool:
    """Whether a table is of before an instant, or holds what was committed before it and never made apart."""
    return made.timestamp <= began or any(one.timestamp <= began for one in made.changes)


def _whole_as_added(held: Held) -> Iterator[Told]:
    version, at = held.made.version, held.made.timestamp
    return (Told(held.folder, one, "add", version, at) for one in held.made.filled)


def _apart(some: Iterable[DerivedFile], others: Iterable[DerivedFile]) -> list[DerivedFile]:
    known = {one.id for one in others}
    return [one for one in some if one.id not in known]


def _text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
