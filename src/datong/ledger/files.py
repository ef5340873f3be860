# SPDX-License-Identifier: Apache-2.0
"""Bytes onto the disk: whole writes, files replaced as one, durable names, one writer at a time, ends of files of lines."""

import fcntl
import os
from pathlib import Path
from typing import BinaryIO

from datong.kernel.errors import Unavailable


def write_all(handle: int, data: bytes) -> None:
    """Write all of the data; a file opened with O_DSYNC has it on the disk on return.

    Raises:
        OSError: The disk is full or fails; a part may be written.
    """
    written = os.write(handle, data)
    while written < len(data):
        written += os.write(handle, memoryview(data)[written:])


def place(path: Path, data: bytes, *, durable: bool, private: bool = False) -> None:
    """Write a small file so that a reader sees the old one or the new one, never a part; a private one is its owner's alone."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        if private:
            os.fchmod(file.fileno(), 0o600)
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(directory: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def last_line(path: Path, longest: int) -> bytes | None:
    """Give the last whole line of a file of lines, with its line feed; None where there is none.

    Args:
        path: Of the file, which may not exist.
        longest: Most bytes of a line.
    """
    try:
        with path.open("rb") as file:
            whole = _tail(file, longest).splitlines(keepends=True)
    except FileNotFoundError:
        return None
    return next((line for line in reversed(whole) if line.endswith(b"\n")), None)


def trim_lines(path: Path, longest: int) -> None:
    """Cut off a last line that was not finished; a file that is not there is left alone."""
    try:
        with path.open("rb+") as file:
            tail = _tail(file, longest)
            beyond = len(tail) - tail.rfind(b"\n") - 1
            if beyond:
                file.truncate(file.tell() - beyond)
    except FileNotFoundError:
        return


def _tail(file: BinaryIO, longest: int) -> bytes:
    """The end of a file, long enough to hold a whole line and a part of one."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * longest))
    return file.read()


def lock(path: Path, *, wait: bool) -> int:
    """Take the lock of a folder and give its handle; closing the handle (or dying) gives the lock back.

    Raises:
        Unavailable: Another writer holds it, and we are not to wait.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        raise Unavailable(f"another writer has the log in {path.parent.name} open") from None
    return handle
