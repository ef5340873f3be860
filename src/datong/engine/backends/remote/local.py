# SPDX-License-Identifier: Apache-2.0
"""Folders of this machine, or mounted on it, that its administrator lets connections read.

Kept here: nothing outside the folders that are named is opened, whatever a path says: each part below them is opened in
turn and none that is a link, a device or a pipe; nothing is ever written there.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from datong.engine.backends.remote import spill
from datong.engine.backends.remote.stores import Entry, Trial
from datong.engine.errors import SourceUnreadable, TargetRefuses

PIECE = 1 << 22
MOST_ENTRIES = 100_000
_DOWN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ODD = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class LocalStore:
    """Files of a folder.

    Attributes:
        root: Path of the folder.
        allowed: Folders that may be read, with all below them; none allows nothing.
    """

    root: str
    allowed: Sequence[str] = ()

    @property
    def label(self) -> str:
        """The folder's own name."""
        return PurePosixPath(self.root).name or "/"

    def stat(self, name: str) -> Entry | None:
        """Give a file, None where there is none.

        Raises:
            SourceUnreadable: The folder is not one that may be read, or a part of the path is a link.
        """
        try:
            with self._opened(name) as file:
                return _entry(name, file)
        except FileNotFoundError:
            return None

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Give the files whose name begins so, in order of name; links are left out.

        Raises:
            SourceUnreadable: The folder is not one that may be read, or holds too much.
        """
        found: list[Entry] = []
        with self._folder() as top:
            for place, _, files, folder in os.fwalk(".", dir_fd=top, follow_symlinks=False):
                for one in files:
                    name = str(PurePosixPath(place, one))
                    seen = os.stat(one, dir_fd=folder, follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode) and name.startswith(prefix):
                        found.append(Entry(name, seen.st_size, _version(seen)))
                if len(found) > MOST_ENTRIES:
                    raise _bad("目录里的文件太多 (the folder holds too many files)", "指定更小的目录 (name a smaller folder)")
        yield from sorted(found, key=lambda one: one.name)

    def fetch(self, entry: Entry, target: Path) -> None:
        """Copy a file to a local path.

        Raises:
            SourceUnreadable: It is gone or another than it was.
            Unavailable: No room left here.
        """
        try:
            with self._opened(entry.name) as file:
                if _entry(entry.name, file) != entry:
                    raise spill.changed(entry.name)
                with spill.behind(target, 0) as copy:
                    while piece := os.read(file, PIECE):
                        copy.write(piece)
                if _entry(entry.name, file) != entry:
                    raise spill.changed(entry.name)
        except FileNotFoundError:
            raise spill.changed(entry.name) from None

    def put(self, local: Path, name: str) -> None:
        """Refuse: these folders are read only."""
        _refuse()

    def remove(self, name: str) -> None:
        """Refuse: these folders are read only."""
        _refuse()

    def probe(self) -> Trial:
        """Open the folder and look."""
        try:
            with self._folder() as folder, os.scandir(folder) as listed:
                count = sum(one.is_file(follow_symlinks=False) for one in listed)
        except FileNotFoundError as error:
            raise _gone(error) from None
        return Trial(f"目录可读，有 {count} 个文件 (the folder can be read; {count} files in it)")

    @contextmanager
    def _folder(self) -> Iterator[int]:
        with self._down(PurePosixPath(self.root), ()) as folder:
            if not stat.S_ISDIR(os.fstat(folder).st_mode):
                raise _bad("不是目录 (this is no folder)", "核对路径 (check the path)")
            yield folder

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        with self._down(PurePosixPath(self.root), tuple(name.split("/"))) as file:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _bad("不是普通文件 (this is no plain file)", "核对路径 (check the path)")
            yield file

    @contextmanager
    def _down(self, root: PurePosixPath, below: tuple[str, ...]) -> Iterator[int]:
        """Go down from the allowed folder, part by part."""
        top = next((one for one in map(PurePosixPath, self.allowed) if one.is_absolute() and root.is_relative_to(one)), None)
        if top is None:
            remedy = "由系统管理员在 DATONG_CONNECTION_FOLDERS 中列出允许的目录 (the administrator lists it)"
            raise _bad("节点未允许读取这个目录 (this node does not allow this folder)", remedy)
        parts = (*root.relative_to(top).parts, *below)
        if _ODD & set(parts) or any("\0" in part for part in parts):
            raise _bad("路径不能用 (the path cannot be used)", "不含 .. 和空段 (without .. and empty parts)")
        try:
            at = os.open(top, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        except OSError as error:
            raise _gone(error) from None
        try:
            for part in parts:
                below_it = _step(part, at)
                os.close(at)
                at = below_it
            yield at
        finally:
            os.close(at)


def _step(part: str, folder: int) -> int:
    try:
        return os.open(part, _DOWN, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _gone(error) from None


def _entry(name: str, file: int) -> Entry:
    seen = os.fstat(file)
    return Entry(name, seen.st_size, _version(seen))


def _version(seen: os.stat_result) -> str:
    return f"{seen.st_dev}-{seen.st_ino}-{seen.st_mtime_ns}-{seen.st_ctime_ns}"


def _gone(error: OSError) -> SourceUnreadable:
    words = "路径打不开：没有权限、是链接或者不是目录 (it does not open: no right, a link, or no folder)"
    return _bad(words, f"核对路径和权限 (check path and rights: {type(error).__name__})")


def _bad(words: str, remedy: str) -> SourceUnreadable:
    return SourceUnreadable(words, fields={"path": words}, remedy=remedy)


def _refuse() -> NoReturn:
    raise TargetRefuses("本机目录只读 (folders of this machine are read only)", remedy="选择 S3 或者 SFTP (choose S3 or SFTP)")
