# SPDX-License-Identifier: Apache-2.0
"""A folder that holds one index at a time, written by one process and read by any number.

Kept here: `current` names the folder of the index in force, and is replaced in one step, so a rebuild is seen whole or
not at all and an index of another layout is never opened. A lock lets one process write; readers look at the files'
times and reload by themselves. What is committed carries a note (how far it is) in the same commit.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import tantivy

from datong.engine.backends.text.reading import Reader
from datong.engine.backends.text.schema import NOTE_KEY, document, noted, opened, schema_of
from datong.engine.errors import IndexBusy
from datong.engine.plans.seeking import KEY, Entry, Layout

CURRENT = "current"
SMALL_HEAP, LARGE_HEAP, MOST_HEAP = 15_000_000, 256_000_000, 4_000_000_000
HEAP_EACH = 2_000
"""Bytes a writer keeps of one entry, about; an index written in one piece counts exactly and answers soonest."""
SHARE = 3
"""Of the memory that is free, a rebuild takes one part in so many."""
LIMIT, TAKEN = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
PAUSE = 0.02


def heap_for(entries: int) -> int:
    """Give the bytes a rebuild of so many entries may keep before it writes a piece of the index."""
    return min(max(LARGE_HEAP, entries * HEAP_EACH), max(LARGE_HEAP, _free() // SHARE), MOST_HEAP)


def _free() -> int:
    """Bytes of memory that are free here: of the machine, of the container where there is one."""
    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # no container, or one without a limit
        return min(free, int(LIMIT.read_text("ascii")) - int(TAKEN.read_text("ascii")))
    return free


class Writer:
    """Adds and takes away entries; nothing is seen before `commit`."""

    def __init__(self, index: tantivy.Index, layout: Layout, *, heap: int) -> None:
        self._writer, self._layout = index.writer(heap, 1), layout

    def put(self, entry: Entry, *, new: bool = False) -> None:
        """Add an entry, in place of the one of its key.

        Args:
            entry: What to keep.
            new: There is none of its key for sure.
        """
        if not new:
            self.drop(entry.key)
        self._writer.add_document(document(entry))

    def drop(self, key: str) -> None:
        """Take the entry of a key away, if there is one."""
        self._writer.delete_documents_by_term(KEY, key)

    def commit(self, note: Mapping[str, Any]) -> None:
        """Make everything visible, together with a note."""
        self.drop(NOTE_KEY)
        self._writer.add_document(noted(json.dumps(note), self._layout))
        self._writer.commit()

    def close(self) -> None:
        """Wait for segments being merged and give the writer back."""
        self._writer.wait_merging_threads()


class TextIndex:
    """The index in a folder; may be shared by threads.

    Args:
        folder: Made when something is first written.
        layout: What the index holds.
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder, self.layout = folder, layout
        self._schema = schema_of(layout)
        self._lock = threading.Lock()
        self._opened: tuple[str, tantivy.Index] | None = None
        self._seen: tuple[str, int, int] | None = None
        self._reader: Reader | None = None

    def reader(self) -> Reader | None:
        """Give a reader of the newest commit, None where there is no index of this layout."""
        name = self._current()
        if not name:
            return None
        try:
            state = (self.folder / name / "meta.json").stat()
        except FileNotFoundError:
            return None
        seen = (name, state.st_mtime_ns, state.st_ino)
        with self._lock:
            if seen != self._seen:
                index = self._index(name)
                index.reload()
                self._reader, self._seen = Reader(index.searcher(), self._schema, self.layout), seen
            return self._reader

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Write into the index in force; commits are the caller's.

        Raises:
            IndexBusy: Another process writes, or there is no index yet.
        """
        with self._alone(wait=0):
            name = self._current()
            if not name:
                raise IndexBusy("there is no search index yet", remedy="datong search rebuild")
            writer = Writer(opened(str(self.folder / name), self._schema), self.layout, heap=SMALL_HEAP)
            try:
                yield writer
            finally:
                writer.close()

    def rebuild(self, entries: Iterable[Entry], note: Mapping[str, Any], *, wait: float = 0, expected: int = 0) -> int:
        """Build a new index aside and put it in force.

        Args:
            entries: Every entry, each key once.
            note: What the commit carries.
            wait: Seconds to wait for another writer.
            expected: How many entries there are, about.

        Returns:
            How many entries there are.

        Raises:
            IndexBusy: Another process writes.
        """
        with self._alone(wait=wait):
            name = f"{self.layout.fingerprint()}-{time.time_ns()}"
            path = self.folder / name
            path.mkdir()
            count = 0
            writer = Writer(opened(str(path), self._schema), self.layout, heap=heap_for(expected))
            try:
                for count, entry in enumerate(entries, start=1):  # noqa: B007
                    writer.put(entry, new=True)
                writer.commit(note)
            except BaseException:
                writer.close()
                shutil.rmtree(path, ignore_errors=True)
                raise
            writer.close()
            self._put_in_force(name)
            return count

    def _put_in_force(self, name: str) -> None:
        fresh = self.folder / f"{CURRENT}.new"
        fresh.write_text(name, "ascii")
        fresh.replace(self.folder / CURRENT)
        for old in self.folder.iterdir():
            if old.is_dir() and old.name != name:
                shutil.rmtree(old, ignore_errors=True)  # a reader keeps what it has mapped

    def _current(self) -> str:
        try:
            name = (self.folder / CURRENT).read_text("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return ""
        return name if name.startswith(f"{self.layout.fingerprint()}-") and "/" not in name else ""

    def _index(self, name: str) -> tantivy.Index:
        if self._opened is None or self._opened[0] != name:
            self._opened = (name, opened(str(self.folder / name), self._schema))
        return self._opened[1]

    @contextmanager
    def _alone(self, *, wait: float) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        until = time.monotonic() + wait
        with (self.folder / "lock").open("ab") as held:
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                if time.monotonic() >= until:
                    raise IndexBusy("another process writes the search index", remedy="try again when it is done")
                time.sleep(PAUSE)
            yield
