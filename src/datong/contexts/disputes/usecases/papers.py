# SPDX-License-Identifier: Apache-2.0
"""Files handed in with a statement: few, small, of kinds an office knows, sealed at rest, given back as downloads alone."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from datong.contexts.disputes.models import Paper, Statement
from datong.contexts.disputes.queries.sealing import seal_paper
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


def read(files: Sequence[File]) -> list[tuple[str, bytes]]:
    """Read files as name and content; the same content counts once.

    Raises:
        Malformed: Too many, too large, empty, or of a kind that is not taken.
    """
    if len(files) > MOST:
        raise _wrong(f"最多{MOST}个文件 (at most {MOST} files)")
    found = {content: name for name, content in ((_name(one.name), _content(one)) for one in files)}
    return [(name, content) for content, name in found.items()]


def keep(statement: Statement, files: Sequence[tuple[str, bytes]]) -> None:
    """Keep the files of a statement, in its transaction."""
    digests = [hashlib.sha256(content).hexdigest() for _name, content in files]
    Paper.objects.bulk_create(
        Paper(statement=statement, name=name, digest=digest, size=len(content), sealed=seal_paper(content, digest))
        for (name, content), digest in zip(files, digests, strict=True)
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
