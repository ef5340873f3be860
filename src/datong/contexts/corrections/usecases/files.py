# SPDX-License-Identifier: Apache-2.0
"""Files handed in as evidence: few, small, of kinds an office knows, sealed at rest.

Kept here: a file is judged by its name alone and given back as a download, never shown; the same file counts once.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from datong.contexts.corrections.models import Correction, Evidence
from datong.contexts.corrections.queries.values import seal_file
from datong.kernel import texts
from datong.kernel.errors import Malformed

MOST = 5
LARGEST = 5 * 2**20
SUFFIXES = (".pdf", ".ofd", ".jpg", ".jpeg", ".png", ".txt", ".csv", ".xlsx", ".docx")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class File:
    """A file as it came: its name and its pieces."""

    name: str
    pieces: Iterable[bytes]


def read(files: Sequence[File]) -> dict[str, bytes]:
    """Read the files of a report.

    Returns:
        Name to content.

    Raises:
        Malformed: Too many, too large, empty, or of a kind that is not taken.
    """
    if len(files) > MOST:
        raise _wrong(f"最多{MOST}个文件 (at most {MOST} files)")
    return {_name(one.name): _content(one) for one in files}


def keep(row: Correction, files: dict[str, bytes]) -> None:
    """Keep the files of a report, in its transaction."""
    known = {hashlib.sha256(content).hexdigest(): (name, content) for name, content in reversed(files.items())}
    Evidence.objects.bulk_create(
        Evidence(correction=row, name=name, digest=digest, size=len(content), sealed=seal_file(content, digest))
        for digest, (name, content) in reversed(known.items())
    )


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
