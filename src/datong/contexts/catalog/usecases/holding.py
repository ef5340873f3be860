# SPDX-License-Identifier: Apache-2.0
"""What a compiler handed in between two steps: a file below the uploads folder, or an address, sealed.

Kept here: an address is checked before anything connects, travels only sealed with the node's key for one account and
one day, and is never stored, shown or logged; a file that nobody came back for is removed after a day.
"""

import hashlib
import json
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from datong.contexts.connections import face as connections
from datong.crypto import ciphers
from datong.engine import face as engine
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed

LARGEST = 512 * 2**20
HELD_FOR = 24 * 3600
FOLDER = "catalog"
PURPOSE = "catalog.offer"
FILES: Mapping[str, str] = {
    ".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".parquet": "parquet",
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite",
}  # fmt: skip
"""Ending of a file to its kind."""
OPTIONS = ("sheet", "header_row", "encoding", "delimiter")


@dataclass(frozen=True, slots=True)
class Offer:
    """Where an entry may be compiled from.

    Attributes:
        kind: postgres, mysql, sqlite, csv, xlsx or parquet.
        name: Name of the file as its owner knows it; empty for an address.
        dsn: Address of a database; never shown.
        connection: Number of a connection to a database, in place of its address.
        stored: Path of the file below the uploads folder.
        digest: SHA-256 of the file.
        options: How to read a file: `OPTIONS`.
    """

    kind: str
    name: str = ""
    dsn: str = field(default="", repr=False)
    stored: str = ""
    digest: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    connection: str = ""

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(settings.NODE_FOLDER.uploads) / self.stored


def offer_address(dsn: str) -> Offer:
    """Take the address of a database.

    Raises:
        Malformed: Not an address that is taken; it is not quoted.
    """
    text = engine.check_address(dsn)
    return Offer(kind="postgres" if text.lower().startswith("postgres") else "mysql", dsn=text)


def offer_connection(number: str, *, by: Officer) -> Offer:
    """Take a connection of the own department to a database; its secret stays where it is.

    Raises:
        Unknown: No such connection, or not the own department's.
        Refused: Retired, or the officer keeps no connections.
        Malformed: No database.
    """
    chosen = connections.check_usable(number, by=by, kinds=connections.DATABASES)
    return Offer(kind=chosen.kind, connection=chosen.number)


def offer_file(
    name: str,
    pieces: Iterable[bytes],
    options: Mapping[str, str] | None = None,
    *,
    taken: Iterable[str] = (),
    folder: str = FOLDER,
) -> Offer:
    """Keep a file below the uploads folder.

    Args:
        name: Its name; the ending tells the kind.
        pieces: Its bytes.
        options: How to read it.
        taken: Kinds that are taken; none means all.
        folder: Where to keep it below the uploads folder; files of `FOLDER` are swept after a day.

    Raises:
        Malformed: Empty, too large, or of a kind that is not taken.
    """
    kind = FILES.get(Path(name).suffix.lower(), "")
    allowed = tuple(taken) or tuple(FILES.values())
    if kind not in allowed:
        endings = "、".join(ending for ending, one in FILES.items() if one in allowed)
        raise Malformed(
            "这种文件不能用 (this kind of file is not taken)",
            fields={"file": f"可用：{endings} (one of these)"},
            remedy="另存为 XLSX 或 CSV (save it as XLSX or CSV)",
        )
    given = {key: value.strip() for key, value in (options or {}).items() if key in OPTIONS and value.strip()}
    if not given.get("header_row", "1").isdecimal():
        raise Malformed("表头所在行是数字 (the header row is a number)", fields={"header_row": "1、2、3… (1, 2, 3 …)"})
    stored, digest = _keep(pieces, Path(name).suffix.lower(), folder)
    return Offer(kind=kind, name=Path(name).name[:200], stored=stored, digest=digest, options=given)


def drop(offer: Offer) -> None:
    """Remove the file of an offer."""
    if offer.stored:
        offer.path.unlink(missing_ok=True)


def seal(offer: Offer, *, by: Officer) -> str:
    """Give an offer as a token only this node can read, for one account and one day."""
    said = json.dumps({**asdict(offer), "at": int(time.time())}).encode()
    return urlsafe_b64encode(ciphers.seal(_key(), said, by.account.encode())).decode()


def unseal(token: str, *, by: Officer) -> Offer:
    """Read a token again.

    Raises:
        Malformed: No token of this account, or one too old.
    """
    try:
        said: dict[str, Any] = json.loads(ciphers.open_sealed(_key(), urlsafe_b64decode(token), by.account.encode()))
    except (DatongError, ValueError):
        said = {"at": 0}
    if time.time() - said.pop("at") > HELD_FOR:
        raise Malformed(
            "请重新选择来源 (choose the source again)",
            fields={"file": "选择文件或填写连接串 (choose a file or give an address)"},
        )
    offer = Offer(**said)
    if offer.stored and not offer.path.is_file():
        raise Malformed("文件已清理，请重新选择 (the file is gone: choose it again)", fields={"file": "重新选择 (choose again)"})
    return offer


def _key() -> bytes:
    return ciphers.derive(settings.NODE_FOLDER.key.read_bytes(), PURPOSE, 32)


def _keep(pieces: Iterable[bytes], ending: str, below: str) -> tuple[str, str]:
    uploads = Path(settings.NODE_FOLDER.uploads)
    folder = uploads / below / timezone.localdate().strftime("%Y%m%d")
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{uuid.uuid4().hex}.part"
    try:
        digest = _write(pieces, part)
        final = part.with_suffix(ending)
        part.rename(final)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return str(final.relative_to(uploads)), digest


def _write(pieces: Iterable[bytes], part: Path) -> str:
    digest, size = hashlib.sha256(), 0
    with part.open("xb") as out:
        for piece in pieces:
            size += len(piece)
            if size > LARGEST:
                most = f"最大 {LARGEST >> 20} MB (at most {LARGEST >> 20} MB)"
                raise Malformed("文件太大 (the file is too large)", fields={"file": most})
            digest.update(piece)
            out.write(piece)
    if not size:
        raise Malformed(
            "文件是空的 (the file is empty)",
            fields={"file": "没有内容 (holds no bytes)"},
            remedy="重新选择文件 (choose the file again)",
        )
    return digest.hexdigest()


def sweep() -> int:
    """Remove files nobody came back for and that no import needs.

    Returns:
        How many were removed.
    """
    folder = Path(settings.NODE_FOLDER.uploads) / FOLDER
    old = [path for path in folder.glob("*/*") if path.is_file() and time.time() - path.stat().st_mtime > HELD_FOR]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
