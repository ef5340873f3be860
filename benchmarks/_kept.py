# SPDX-License-Identifier: Apache-2.0
"""What callers hold of a run's answers, on the disk, and whether each is in the evidence as they hold it.

Kept here: an answer is written to one file and only its place is remembered (24 bytes), so that a run of any length needs
little memory; afterwards each log is walked once, beside the answers that say to be in it, in their order.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "packages" / "datong-verify" / "src")]

from datong_verify.notes import Key  # noqa: E402
from datong_verify.papers import check_receipt  # noqa: E402
from datong_verify.verdicts import Unreadable, Verdict, Wrong  # noqa: E402

from datong.kernel.errors import DatongError  # noqa: E402
from datong.ledger import receipts  # noqa: E402
from datong.ledger.read import records  # noqa: E402


@dataclass(frozen=True)
class Kept:
    """What a caller holds of one answer."""

    asked: str
    body: bytes
    receipt: str
    salt: str

    def fault(self, log: str, record: bytes | None, key: Key) -> str:
        """Why it is not in the evidence as it is held; empty where it is.

        Args:
            log: Name of the folder it should be in.
            record: What stands there at its place; None for nothing.
            key: The node's.
        """
        try:
            mark = check_receipt(self.receipt, key, Verdict("receipt"))
            held = receipts.decode(self.receipt)
        except (Wrong, Unreadable, DatongError) as error:
            return str(error)
        salt, said = bytes.fromhex(self.salt), json.loads(record or b"{}")
        hashes = sha256(salt + self.asked.encode()).hexdigest(), sha256(salt + self.body).hexdigest()
        if record is None or record != held.record or not mark.origin.endswith(f"/{log}"):
            return f"record {held.index} is not in the log {log}"
        if (said["request_hash"], said["response_hash"]) != hashes:
            return f"record {held.index} is of another call"
        return ""


class Answers:
    """All answers of a run; one caller's thread at a time adds to them."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("w+b")
        self._places: dict[str, tuple[array[int], array[int]]] = {}
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def add(self, one: Kept) -> None:
        """Keep one."""
        try:
            held = receipts.decode(one.receipt)
            log, index = held.origin.rpartition("/")[2], held.index
        except DatongError:
            log, index = "", 0
        indexes, offsets = self._places.setdefault(log, (array("Q"), array("Q")))
        indexes.append(index)
        offsets.append(self._file.tell())
        self._file.write(json.dumps([one.asked, one.body.decode(), one.receipt, one.salt]).encode() + b"\n")
        self._count += 1

    def lost(self, evidence: Path, key: Key) -> Iterator[str]:
        """Give, for each answer that is not in the evidence as its caller holds it, why; two of one record are one too many."""
        for log, (indexes, offsets) in self._places.items():
            walk = records(evidence / log) if (evidence / log / "log.json").exists() else iter(())
            at, record, before = -1, None, -1
            for place in sorted(range(len(indexes)), key=indexes.__getitem__):
                index = indexes[place]
                while at < index and (found := next(walk, None)) is not None:
                    at, record = found
                if index == before:
                    yield f"record {index} of {log} is of two calls"
                before = index
                fault = self._at(offsets[place]).fault(log, record if at == index else None, key)
                if fault:
                    yield fault

    def _at(self, offset: int) -> Kept:
        self._file.seek(offset)
        asked, body, receipt, salt = json.loads(self._file.readline())
        return Kept(asked, body.encode(), receipt, salt)
