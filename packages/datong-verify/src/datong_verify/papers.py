# SPDX-License-Identifier: Apache-2.0
"""Checks of what parties hold in their hands: receipts, pairs of checkpoints, exports."""

import base64
import binascii
import struct
from pathlib import Path
from typing import Any, BinaryIO

from datong_verify.notes import Checkpoint, Key, checkpoint, hashes_in, in_one_form, read, unpacked
from datong_verify.trees import SIZE, hash_named, root_from_path, two_roots
from datong_verify.verdicts import Unreadable, Unsupported, Verdict, Wrong

RECEIPT = struct.Struct(">4sBBQQ8s32sBBBB")
SUITES = {1: "sha256", 2: "sm3"}
EXPORT = "datong-export/1"
EXPORT_FIELDS = {"algorithm", "format", "hash", "known", "origin", "public_key", "records", "where"}
STANDS_IN = {"grant": ("grant", "subject"), "request_id": ("request_id",)}
LONGEST_LINE = 48 * 1024 * 1024
LARGEST_CARRIED = 2048


def mark_of_receipt(text: str) -> Checkpoint:
    """Give the state of the log that a receipt carries; nothing is checked.

    Raises:
        Unreadable: It is no receipt.
    """
    return _unpacked_receipt(text)[0]


def check_receipt(text: str, key: Key | None, verdict: Verdict) -> Checkpoint:
    """Check a receipt as it stands in the header.

    Returns:
        The state of the log that it carries.

    Raises:
        Wrong: It does not prove its record.
        Unreadable: It is no receipt, or there is no key.
    """
    mark, index, carried, content, path = _unpacked_receipt(text)
    verdict.origin, verdict.size, verdict.at = mark.origin, mark.size, mark.at
    shown = content.decode("utf-8", "replace") if carried else "not carried, its leaf hash is proved"
    verdict.notes.append(f"record {index}: {shown}")
    mark.check(_need(key, verdict))
    hashed = hash_named(mark.hash)
    leaf = hashed(b"\x00" + content) if carried else content
    if not index < mark.size or root_from_path(index, mark.size, leaf, path, hashed) != mark.root:
        raise Wrong(f"record {index} is not among the {mark.size} that were signed", index)
    verdict.records = 1
    return mark


def _unpacked_receipt(text: str) -> tuple[Checkpoint, int, bool, bytes, list[bytes]]:
    """Take a receipt apart: state of the log, index, whether the record is carried, record or leaf hash, path."""
    text = text.strip().removeprefix("Datong-Receipt:").strip()
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Unreadable("this is neither a receipt nor any other evidence") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text or len(data) < RECEIPT.size or data[:4] != b"DTR1":
        raise Unreadable("this is not a receipt")
    _, carried, suite, index, size, key_id, root, *lengths, steps = RECEIPT.unpack_from(data)
    parts, at = [], RECEIPT.size
    for length in (*lengths, *[SIZE] * steps):
        parts.append(data[at : at + length])
        at += length
    content = data[at:]
    if suite not in SUITES or carried not in (0, 1) or at > len(data) or not _fits(content, carried):
        raise Unreadable("the receipt is cut short, or of a form unknown here")
    when, origin, signature, *path = parts
    mark = Checkpoint(_utf8(when), SUITES[suite], key_id.hex(), _utf8(origin), root, signature, size)
    return mark, index, bool(carried), content, path


def _fits(content: bytes, carried: int) -> bool:
    return len(content) <= LARGEST_CARRIED if carried else len(content) == SIZE


def check_pair(facts: dict[str, Any], key: Key | None, verdict: Verdict) -> list[Checkpoint]:
    """Check two checkpoints and the proof that the log of the first is the beginning of that of the second.

    Returns:
        Both.

    Raises:
        Wrong: It is not.
        Unreadable: A part is missing.
    """
    if facts.keys() != {"first", "format", "path", "second"}:
        raise Unreadable("a pair has exactly a first and a second checkpoint and a path")
    first, second = checkpoint(facts["first"]), checkpoint(facts["second"])
    verdict.origin, verdict.size, verdict.at = second.origin, second.size, second.at
    signer = _need(key, verdict)
    first.check(signer)
    second.check(signer)
    first.belongs(second.origin, second.hash)
    _check_grown(first, second, hashes_in(facts["path"]))
    verdict.records = second.size
    verdict.notes.append(f"the first {first.size} records are the same in both")
    return [first, second]


def _check_grown(first: Checkpoint, second: Checkpoint, path: list[bytes]) -> None:
    if not 0 < first.size <= second.size:
        raise Wrong(f"a log of {second.size} has no beginning of {first.size}")
    roots = two_roots(first.size, second.size, first.root, path, hash_named(second.hash))
    if roots != (first.root, second.root):
        raise Wrong(f"the log of {second.size} does not go on from the log of {first.size}: one of its first records was changed")


def check_export(path: Path, key: Key | None, verdict: Verdict) -> "Export":
    """Check an export, line by line.

    Returns:
        What was read.

    Raises:
        Wrong: A line is not as it was signed, or has not its one form.
        Unreadable: The first line is not that of an export.
        Unsupported: It is signed by SM2.
    """
    with path.open("rb") as file:
        export = Export(file, verdict)
        export.open(key)
        try:
            export.read()
        except Unreadable as error:
            raise Wrong(f"line {export.number}: {error}") from None
    return export


class Export:
    """One walk through an export.

    Attributes:
        number: Of the line read last.
        key: That it carries.
        where: What its records have in common.
        earlier: States it shows the log to go on from.
        mark: The state its records are proved under.
        last: Index of its last record, -1 where there is none.
    """

    def __init__(self, file: BinaryIO, verdict: Verdict) -> None:
        self._file, self._verdict, self.number = file, verdict, 0
        self.earlier: list[Checkpoint] = []
        self.mark: Checkpoint
        self.last = -1

    def open(self, key: Key | None) -> None:
        """Read the first line and settle by which key the rest is checked."""
        head = self._line()
        numbers = [head.get(name) for name in ("records", "known")]
        known = head.keys() == EXPORT_FIELDS and head["format"] == EXPORT
        if not known or any(type(one) is not int or one < 0 for one in numbers):
            raise Unreadable("the first line is not that of an export")
        where = head["where"]
        if not isinstance(where, dict) or not where.keys() <= STANDS_IN.keys() or not all(map(_said, where.values())):
            raise Unreadable("what the records have in common cannot be read")
        if head["algorithm"] != "ed25519":
            raise _not_ed25519(head["algorithm"])
        carried = Key(str(head["public_key"]))
        if carried.pem != head["public_key"]:
            raise Unreadable("the public key is not written in its one form")
        if key is not None and key.key_id != carried.key_id:
            raise Wrong(f"the export carries key {carried.key_id}, not the key {key.key_id} given")
        self._head, self.key, self.where = head, carried, where

    def read(self, *, alone: bool = True) -> None:
        """Read and check everything behind the first line; alone, nothing may stand behind the last."""
        mark, verdict = self._mark(self._line()), self._verdict
        self.mark = mark
        verdict.origin, verdict.size, verdict.at, verdict.key_id = mark.origin, mark.size, mark.at, mark.key_id
        for _ in range(self._head["records"]):
            self.last = self._record(self._line(), mark, self.last)
            verdict.records += 1
        for _ in range(self._head["known"]):
            facts = self._line()
            if facts.keys() != {"checkpoint", "path"}:
                raise Unreadable("an earlier state has exactly a checkpoint and a path")
            first = self._mark(facts["checkpoint"])
            self.earlier.append(first)
            _check_grown(first, mark, hashes_in(facts["path"]))
            verdict.notes.append(f"the log goes on from its state of {first.size} records")
        if alone and self._file.read(1):
            raise Unreadable("something stands behind the end of the export")
        verdict.notes += [f"all of them have {name} {value}" for name, value in self._head["where"].items()]

    def _mark(self, facts: object) -> Checkpoint:
        mark = checkpoint(facts)
        mark.check(self.key)
        mark.belongs(self._head["origin"], self._head["hash"])
        return mark

    def _record(self, facts: dict[str, Any], mark: Checkpoint, last: int) -> int:
        index, content, hashed = facts.get("index"), _content(facts), hash_named(mark.hash)
        if type(index) is not int or not last < index < mark.size:
            raise Wrong(f"record {index} is out of order, or none of those signed", index if type(index) is int else None)
        if root_from_path(index, mark.size, hashed(b"\x00" + content), hashes_in(facts["path"]), hashed) != mark.root:
            raise Wrong(f"record {index} is not what was signed", index)
        if self._head["where"] and not _is_one(content, self._head["where"]):
            raise Wrong(f"record {index} is not one of {self._head['where']}", index)
        return index

    def _line(self) -> dict[str, Any]:
        self.number += 1
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise Unreadable("the export ends too early")
        facts = in_one_form(line[:-1])
        if not isinstance(facts, dict):
            raise Unreadable("a line is no object")
        return facts


def _content(facts: dict[str, Any]) -> bytes:
    if facts.keys() == {"index", "path", "record"} and isinstance(facts["record"], str):
        return facts["record"].encode()
    if facts.keys() == {"index", "path", "record64"}:
        return unpacked(facts["record64"])
    raise Unreadable("a record has exactly an index, a path and its content")


def _is_one(content: bytes, where: dict[str, str]) -> bool:
    try:
        facts = read(content)
    except Unreadable:
        return False
    return isinstance(facts, dict) and all(
        any(facts.get(name) == value for name in STANDS_IN[key]) for key, value in where.items()
    )


def _need(key: Key | None, verdict: Verdict) -> Key:
    if key is None:
        raise Unreadable("this carries no public key: name one by --key")
    verdict.key_id = key.key_id
    return key


def _not_ed25519(name: object) -> Exception:
    if name == "sm2":
        return Unsupported("it is signed by SM2, which this verifier cannot check: use `datong ledger verify`")
    return Unreadable(f"the signature algorithm {name!r} is unknown")


def _said(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unreadable("a text in the receipt is not UTF-8") from None
