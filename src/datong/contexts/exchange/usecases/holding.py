# SPDX-License-Identifier: Apache-2.0
"""Keep what a provider hands in until it is attached: a file below the uploads folder, or a sealed address.

Kept here: the name of a kept file is ours, only its ending is the sender's; a file is whole and on the disk before it
is spoken of, or it is not there; a full disk is said so.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from datong.contexts.exchange.domain import SUFFIXES, SourceKind
from datong.contexts.exchange.usecases import addresses, sources
from datong.kernel.errors import Malformed, Unavailable

LARGEST_UPLOAD = 2 * 2**30
LONGEST_NAME = 200
LONGEST_OPTION = 200


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept: a file below the uploads folder and its SHA-256, or a sealed address (base64)."""

    stored: str = ""
    digest: str = ""
    sealed: str = ""

    @property
    def secret(self) -> bytes:
        """The sealed address as the table of sources keeps it."""
        return base64.b64decode(self.sealed)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider hands in: a file's pieces, a table behind an address, or what is held since the last step.

    What is read through a connection is its number, and in `options` the reading.
    """

    name: str
    pieces: Iterable[bytes] = ()
    dsn: str = ""
    connection: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None


def kind_of(offer: Offer) -> SourceKind:
    """What kind of source an offer is.

    Raises:
        Malformed: a file of a kind that cannot be attached.
    """
    if offer.connection:
        return SourceKind.CONNECTION
    if offer.dsn or (offer.held is not None and offer.held.sealed):
        return SourceKind.POSTGRES
    kind = SUFFIXES.get(Path(offer.name).suffix.lower())
    if kind is None:
        raise Malformed(
            "这种文件不能挂接 (this kind of file cannot be attached)",
            fields={"file": f"{'、'.join(SUFFIXES)} (one of these)"},
            remedy="另存为 CSV 或 XLSX (save it as CSV or XLSX)",
        )
    return kind


def check_texts(offer: Offer) -> None:
    """Check that name, options and columns are texts that can be kept and shown.

    Raises:
        Malformed: naming each that is not.
    """
    said = {name: value for name, value in offer.options.items() if isinstance(value, str) and not offer.connection}
    if offer.dsn:
        said["table"] = offer.name
    wrong = [name for name, value in said.items() if len(value) > LONGEST_OPTION or not _showable(value)]
    wrong += [name for name, column in offer.mapping.items() if "\0" in name + column]
    if not _showable(offer.name):
        wrong.append("file")
    if wrong:
        words = f"至多 {LONGEST_OPTION} 个可显示的字符 (at most {LONGEST_OPTION} printable characters)"
        named = {name.replace("\0", "")[:100]: words for name in wrong}
        raise Malformed("来源的说明不可用 (what was said of the source cannot be used)", fields=named)


def _showable(text: str) -> bool:
    return text.replace("\t", "").isprintable()


def hold(offer: Offer) -> Held:
    """Keep the file of an offer below the uploads folder, or seal its address.

    Raises:
        Malformed: the file is empty, too large or of a kind that cannot be attached, or the address is not allowed.
        Unavailable: the file cannot be kept now; nothing of it stays.
    """
    check_texts(offer)
    if offer.connection:
        return Held()
    if kind_of(offer) is SourceKind.POSTGRES:
        return Held(sealed=base64.b64encode(sources.seal(addresses.checked(offer.dsn))).decode())
    uploads = settings.NODE_FOLDER.uploads
    folder = uploads / timezone.localdate().strftime("%Y%m")
    part = folder / f"{uuid.uuid4().hex}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest = _write(offer.pieces, part)
        final = part.with_suffix(Path(offer.name).suffix.lower())
        part.rename(final)
        _settle(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise full(error) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Held(str(final.relative_to(uploads)), digest)


def _write(pieces: Iterable[bytes], part: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as out:
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_UPLOAD:
                raise too_large()
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise Malformed(
            "文件是空的 (the file is empty)",
            fields={"file": "没有内容 (holds no bytes)"},
            remedy="重新选择文件 (choose the file again)",
        )
    return digest.hexdigest()


def too_large() -> Malformed:
    """The refusal of a file beyond the largest."""
    return Malformed(
        "文件太大 (the file is too large)",
        fields={"file": "最大 2 GiB (at most 2 GiB)"},
        remedy="改为挂接库表 (attach the table instead)",
    )


def full(error: OSError) -> Unavailable:
    """The refusal of a file that cannot be written."""
    return Unavailable(
        f"节点存不下这个文件：{error.strerror} (the node cannot keep the file)",
        fields={"file": "没有保存 (nothing was kept)"},
        remedy="请运维人员检查磁盘空间后重试 (ask the operator to look at the disk, then try again)",
    )


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def drop(held: Held) -> None:
    """Remove a held file that was not attached."""
    if held.stored:
        (settings.NODE_FOLDER.uploads / held.stored).unlink(missing_ok=True)
