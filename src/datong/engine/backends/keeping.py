# SPDX-License-Identifier: Apache-2.0
"""Files of a lake in an object store: brought here once, kept while there is room, put there, taken away.

Kept here: a file has its name here only when all of it is here; it is asked for by the name that the log of its table or a
manifest says, so the store lists nothing. What the store refuses is a fault of the lake, told without its address.
"""

import os
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from pathlib import Path

from datong.engine.backends.remote.s3 import S3Store
from datong.engine.errors import BackendFailed, SourceUnreadable
from datong.engine.places import Bucket, Remote

ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""The store of the lake was named by who operates the node, so it may lie anywhere."""
AT_ONCE = 4
IN_USE = 2 * 3600
"""Seconds for which a kept file stays, however little room there is: somebody may be reading it."""
PARTIAL = ".partial"


def store_of(bucket: Bucket) -> S3Store:
    """Give the bucket as something files are read from and written to."""
    return S3Store(bucket.endpoint, bucket.name, bucket.region, bucket.access, bucket.secret, bucket.prefix, ANYWHERE)


def brought(place: Remote, names: Iterable[str]) -> list[Path]:
    """Give files of a table as files here, bringing those that are not.

    Args:
        place: Of the table.
        names: Paths inside it.

    Raises:
        FileNotFoundError: The store has one of them no more.
        BackendFailed: The store is not reached or refuses, or broke off; what was brought stays.
    """
    wanted = [(name, place.kept / name) for name in names]
    lacking = [(name, here) for name, here in wanted if not _touched(here)]
    store = store_of(place.bucket)
    with ThreadPoolExecutor(AT_ONCE) as hands, _asking():
        for _ in hands.map(lambda one: _bring(store, f"{place.key}/{one[0]}", one[1]), lacking):
            pass
    return [here for _, here in wanted]


def text(place: Remote, name: str) -> str:
    """Read a small file of a table as it is now; nothing of it is kept.

    Raises:
        FileNotFoundError: The store has it no more.
        BackendFailed: The store is not reached or refuses.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".reading-", dir=place.parent) as beside:
        return brought(Remote(place.bucket, place.key, Path(beside)), [name])[0].read_text("utf-8")


def _touched(here: Path) -> bool:
    """Whether a file is here; it counts as used now."""
    try:
        os.utime(here)
    except FileNotFoundError:
        return False
    return True


def _bring(store: S3Store, key: str, here: Path) -> None:
    entry = store.stat(key)
    if entry is None:
        raise FileNotFoundError(key)
    here.parent.mkdir(parents=True, exist_ok=True)
    partial = here.with_name(f".{here.name}-{uuid.uuid4().hex}{PARTIAL}")
    try:
        store.fetch(entry, partial)
        partial.touch()
        if partial.stat().st_size != entry.size:
            raise BackendFailed("a file of the lake came short from the object store", remedy="try again")
        partial.replace(here)
    finally:
        partial.unlink(missing_ok=True)


def put(place: Remote, folder: Path, names: Iterable[str]) -> None:
    """Write files of a folder here to a place in the store, each whole or not at all.

    Raises:
        BackendFailed: The store is not reached or refuses.
    """
    store = store_of(place.bucket)
    with ThreadPoolExecutor(AT_ONCE) as hands, _asking():
        for _ in hands.map(lambda name: store.put(folder / name, f"{place.key}/{name}"), names):
            pass


def remove(place: Remote, names: Iterable[str]) -> int:
    """Take files away from a place in the store, and what is kept of them here; returns how many.

    Raises:
        BackendFailed: The store is not reached or refuses.
    """
    gone = list(names)
    store = store_of(place.bucket)
    with ThreadPoolExecutor(AT_ONCE) as hands, _asking():
        for _ in hands.map(lambda name: store.remove(f"{place.key}/{name}"), gone):
            pass
    for name in gone:
        (place.kept / name).unlink(missing_ok=True)
    return len(gone)


def listed(place: Remote) -> list[str]:
    """Give the files that lie at a place in the store: for who clears up, never on the way of an answer.

    Raises:
        BackendFailed: The store is not reached or refuses.
    """
    start = f"{place.key}/"
    with _asking():
        return [one.name.removeprefix(start) for one in store_of(place.bucket).entries(start)]


def make_room(kept: Path, most: int, *, now: float | None = None) -> int:
    """Remove what was kept and not used the longest, until no more than some bytes are kept; returns how many files.

    Args:
        kept: Folder of all that is kept.
        most: Bytes; files used lately stay even beyond them.
        now: Seconds since 1970; None is the present.
    """
    lately = (time.time() if now is None else now) - IN_USE
    found = sorted(_used(kept))
    over, gone = sum(size for _, size, _ in found) - most, 0
    for used, size, path in found:
        if used >= lately or (over <= 0 and not path.name.endswith(PARTIAL)):
            continue
        path.unlink(missing_ok=True)
        over, gone = over - size, gone + 1
    return gone


def _used(kept: Path) -> Iterator[tuple[float, int, Path]]:
    for path in kept.rglob("*"):
        at_work = any(part.startswith(".") for part in path.relative_to(kept).parts)  # spilled rows of a session
        with suppress(FileNotFoundError):
            if path.is_file() and (path.name.endswith(PARTIAL) or not at_work):
                said = path.stat()
                yield said.st_mtime, said.st_size, path


@contextmanager
def _asking() -> Iterator[None]:
    """Turn what the store says into a fault of the lake."""
    try:
        yield
    except SourceUnreadable as fault:
        said = "; ".join(fault.fields.values())
        raise BackendFailed(
            f"数据湖的对象存储读写失败：{said} (the object store of the lake could not be read or written)",
            remedy="请系统管理员核对 lake_url 各项设置和存储权限 (the administrator checks the settings of the lake)",
        ) from None
