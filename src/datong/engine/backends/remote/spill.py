# SPDX-License-Identifier: Apache-2.0
"""Files of others while they are read here: fetched once, whole or not used, gone on with where they broke off.

Kept here: a file's local name follows from store, path and version, so that another version never meets its pieces; one
process fetches it at a time; who sweeps removes what is old, and what is read anew counts as new.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from datong.engine.backends.remote.stores import Entry, Store
from datong.engine.errors import SourceUnreadable
from datong.kernel.errors import Unavailable

LARGEST = 8 * 2**30


def fetched(store: Store, entry: Entry, folder: Path, *, most: int = LARGEST) -> Path:
    """Give the local copy of a file, fetching what is missing of it.

    Args:
        store: Where it lies.
        entry: As `stat` gave it.
        folder: Where copies lie.
        most: Largest file in bytes.

    Raises:
        SourceUnreadable: Too large, changed meanwhile, or the way broke off.
        Unavailable: No room left here.
    """
    if entry.size > most:
        raise SourceUnreadable(
            f"文件超过 {most >> 20} MiB (the file is larger than that)",
            fields={"path": "文件过大 (too large)"},
            remedy="拆分后再读取 (split it)",
        )
    said = "\n".join((store.label, entry.name, str(entry.size), entry.version))
    whole = folder / f"fetched-{hashlib.sha256(said.encode()).hexdigest()}{Path(entry.name).suffix.lower()}"
    part = whole.with_suffix(".part")
    folder.mkdir(parents=True, exist_ok=True)
    with whole.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if whole.exists():
            os.utime(whole)
            return whole
        store.fetch(entry, part)
        if not part.exists():
            part.touch()
        if part.stat().st_size != entry.size:
            part.unlink()
            raise changed(entry.name)
        part.rename(whole)
    return whole


@contextmanager
def behind(target: Path, have: int) -> Iterator[BinaryIO]:
    """Open a local file to write behind the bytes that stay; what is written is on the disk when it is left well.

    Args:
        target: Local path.
        have: Bytes of it that stay.

    Raises:
        Unavailable: No room left here.
    """
    try:
        with target.open("r+b" if target.exists() else "wb") as file:
            file.truncate(have)
            file.seek(have)
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable(
            "节点磁盘空间不足 (no room left on the node's disk)", remedy="请系统管理员清理磁盘 (ask the administrator)"
        ) from None


def have(target: Path) -> int:
    """Tell how many bytes of a file stand here already."""
    return target.stat().st_size if target.exists() else 0


def changed(name: str) -> SourceUnreadable:
    """The file is another than it was when it was found."""
    return SourceUnreadable(
        f"文件在读取期间变了：{Path(name).name[:100]} (the file changed while it was read)",
        fields={"path": "已变化 (changed)"},
        remedy="稍后再试 (try again later)",
    )
