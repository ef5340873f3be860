# SPDX-License-Identifier: Apache-2.0
"""Files handed in with what somebody says: few, small, of kinds an office knows; the same content counts once.

Kept here: a file is judged by its name and size alone; whoever keeps it seals it and gives it back as a download.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from datong.kernel import texts
from datong.kernel.errors import Malformed

MOST = 5
LARGEST = 5 * 2**20
SUFFIXES = (".pdf", ".ofd", ".jpg", ".jpeg", ".png", ".txt", ".csv", ".xlsx", ".docx")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class File:
    """A file as it comes: its name and its pieces."""

    name: str
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file taken.

    Attributes:
        digest: SHA-256 of the content, hexadecimal.
    """

    name: str
    content: bytes
    digest: str


def read(files: Sequence[File]) -> list[Enclosure]:
    """Read files in their order; of those with the same content the first is taken.

    Raises:
        Malformed: Too many, too large, empty, or of a kind that is not taken.
    """
    if len(files) > MOST:
        raise _wrong(f"最多{MOST}个文件 (at most {MOST} files)")
    taken: dict[str, Enclosure] = {}
    for one in files:
        name, content = _name(one.name), _content(one)
        digest = hashlib.sha256(content).hexdigest()
        taken.setdefault(digest, Enclosure(name, content, digest))
    return list(taken.values())


def _name(given: str) -> str:
    name = texts.line("files", PurePath(given.replace("\\", "/")).name, longest=LONGEST_NAME)
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise _wrong(f"只收 {'、'.join(one[1:] for one in SUFFIXES)} 文件 (only these kinds of files)")
    return name


def _content(file: File) -> bytes:
    parts, size = [], 0
    for piece in file.pieces:
        size += len(piece)
        if size > LARGEST:
            raise _wrong(f"单个文件不超过{LARGEST // 2**20} MB (at most {LARGEST // 2**20} MB each)")
        parts.append(piece)
    if not size:
        raise _wrong("文件是空的 (the file is empty)")
    return b"".join(parts)


def _wrong(why: str) -> Malformed:
    return Malformed(why, fields={"files": why})
