# SPDX-License-Identifier: Apache-2.0
"""Exports: one file with all that two parties need to settle what was recorded, and nothing else.

Kept here: the records, each with its path to the root of one signed checkpoint, and for each earlier state that a party
holds the proof that the log still contains it. Every byte is under a signature or checked against what is: the form is
one for one content (canonical JSON lines), what the records have in common is checked of each, and nothing stands in the
file that a verifier would have to believe. Layout: docs/reference/receipts.md.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from datong.crypto.digests import SIZE
from datong.crypto.keys import load_verifier
from datong.crypto.signing import Verifier
from datong.kernel import canonical
from datong.kernel.errors import DatongError, Malformed
from datong.ledger import checkpoints, merged, merkle, notes, receipts, search
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.identity import Identity
from datong.ledger.merged import Merged
from datong.ledger.merkle import leaf_hash
from datong.ledger.prover import Consistency, Prover
from datong.ledger.receipts import LONGEST_PATH, Receipt

FORMAT: Final = "datong-export/1"
PAIR: Final = "datong-consistency/1"
HEAD: Final = {"algorithm", "format", "hash", "known", "origin", "public_key", "records", "where"}
LONGEST_LINE: Final = 48 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of an export found.

    Attributes:
        ok: Whether every record is proved.
        origin: Name of the log.
        records: How many records were found good.
        size: Size of the log at the checkpoint.
        at: When that was signed.
        key_id: Names the key.
        key_given: Whether the key came from elsewhere than the export.
        where: What all the records have in common.
        known: Sizes of the earlier states that the log still contains.
        first_bad: Index of the first bad record, None where no record is to blame.
        line: Number of the first bad line, from 1.
        reason: One sentence, "" when all is well.
    """

    ok: bool
    origin: str = ""
    records: int = 0
    size: int = 0
    at: str = ""
    key_id: str = ""
    key_given: bool = False
    where: Mapping[str, str] | None = None
    known: Sequence[int] = ()
    first_bad: int | None = None
    line: int | None = None
    reason: str = ""


def known_state(text: str) -> Checkpoint:
    """Read the signed state somebody holds: a checkpoint's line, a note (C2SP), or a receipt that carries it.

    Raises:
        Malformed: None of them.
    """
    if notes.is_note(text):
        return notes.parse(text.encode())
    text = text.strip()
    if text.startswith("{"):
        return checkpoints.parse(text.encode())
    return receipts.decode(text.removeprefix("Datong-Receipt:").strip()).checkpoint


def known_states(texts: Iterable[str]) -> tuple[list[Checkpoint], list[Merged]]:
    """Read what somebody holds: states of single logs, and node checkpoints.

    Raises:
        Malformed: Something is neither.
    """
    states, nodes = list[Checkpoint](), list[Merged]()
    for text in texts:
        if merged.FORMAT in text:
            nodes.append(merged.parse(text.strip().encode()))
        else:
            states.append(known_state(text))
    return states, nodes


def lines(
    prover: Prover, facts: Identity, indexes: Sequence[int], *, where: Mapping[str, str], known: Iterable[Checkpoint] = ()
) -> Iterator[bytes]:
    """Give the lines of an export under the newest checkpoint.

    Args:
        prover: Of the log.
        facts: What the log is.
        indexes: Of the records, ascending.
        where: What they have in common.
        known: Earlier states somebody holds.

    Raises:
        BadProof: The log is not a continuation of a known state: this is the dispute.
        Damaged: The log does not hold what was signed.
        Unknown: A known state is larger than the log.
    """
    held = [prover.consistency(_own(prover, mark)) for mark in sorted(known, key=lambda mark: mark.size)]
    yield _line(
        {
            "algorithm": facts.algorithm, "format": FORMAT, "hash": facts.hash, "known": len(held), "origin": facts.origin,
            "public_key": facts.public_key, "records": len(indexes), "where": dict(where),
        }
    )  # fmt: skip
    yield prover.checkpoint().line()
    for index in indexes:
        yield _record_line(prover.inclusion(index))
    for proof in held:
        yield _line({"checkpoint": _plain(proof.first), "path": _packed(proof.path)})


def pair(proof: Consistency) -> dict[str, Any]:
    """Give two checkpoints and the proof between them as one value for JSON."""
    ends = {"first": _plain(proof.first), "second": _plain(proof.second)}
    return {"format": PAIR, "path": _packed(proof.path), **ends}


def verify_export(path: Path, verifier: Verifier | None = None) -> Finding:
    """Check an export from its first line to its last.

    Args:
        path: The file.
        verifier: The node's public key, got from elsewhere; that in the export when not given.

    Returns:
        What was found; a bad record is reported, never raised.
    """
    with path.open("rb") as file:
        return Reading(file, verifier).run()


class Reading:
    """One walk through an export.

    Args:
        file: Open at its first line.
        verifier: The node's public key, got from elsewhere; that in the export when not given.
        alone: Whether nothing may stand behind its last line.

    Attributes:
        head: Its first line, once that was found good.
        earlier: States it shows the log to go on from.
        last: Index of its last record, -1 where there is none.
    """

    def __init__(self, file: BinaryIO, verifier: Verifier | None, *, alone: bool = True) -> None:
        self._file, self._given, self._alone = file, verifier, alone
        self.earlier: list[Checkpoint] = []
        self.last = -1
        self._at = self._good = 0
        self._index: int | None = None
        self.head: dict[str, Any] = {}
        self._mark: Checkpoint | None = None
        self._known: list[int] = []
        self._key_id = verifier.key_id if verifier else ""

    def run(self) -> Finding:
        """Read and check it to its end."""
        try:
            mark = self._mark = self._begin()
            for _ in range(self.head["records"]):
                self.last = self._record(self._next(), mark, self.last)
                self._good += 1
            self._index = None
            for _ in range(self.head["known"]):
                self._earlier(self._next(), mark)
            if self._alone and self._file.read(1):
                raise Malformed("something stands behind the end of the export")
        except DatongError as error:
            return self._finding(error.message)
        return self._finding("")

    def _finding(self, reason: str) -> Finding:
        mark = self._mark
        return Finding(
            ok=not reason, origin=mark.origin if mark else "", records=self._good, size=mark.size if mark else 0,
            at=mark.at if mark else "", key_id=self._key_id, key_given=self._given is not None, where=self.head.get("where"),
            known=tuple(self._known), first_bad=self._index if reason else None, line=self._at if reason else None, reason=reason,
        )  # fmt: skip

    def _next(self) -> dict[str, Any]:
        self._at += 1
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise Malformed("the export ends too early")
        facts = canonical.loads(line)
        if not isinstance(facts, dict) or _line(facts) != line:
            raise Malformed("a line is not in canonical form")
        return facts

    def _begin(self) -> Checkpoint:
        head = self._next()
        counts = (head.get("records"), head.get("known"))
        if head.keys() != HEAD or head["format"] != FORMAT or any(type(one) is not int or one < 0 for one in counts):
            raise Malformed("the first line is not that of an export")
        _check_where(head["where"])
        self.head = head
        verifier = load_verifier(_text(head["public_key"]).encode())
        if self._given and verifier.key_id != self._given.key_id:
            raise Malformed(f"the export carries key {verifier.key_id}, not the key {self._given.key_id} given")
        if _pem(verifier) != head["public_key"] or verifier.algorithm != head["algorithm"]:
            raise Malformed("the public key is not written in its one form")
        self._verifier, self._key_id = verifier, verifier.key_id
        return self._signed(self._next())

    def _signed(self, facts: dict[str, Any]) -> Checkpoint:
        mark = checkpoints.parse(_line(facts))
        mark.check(self._verifier)
        if (mark.origin, mark.hash) != (self.head["origin"], self.head["hash"]):
            raise Malformed(f"a checkpoint is of another log ({mark.origin})")
        return mark

    def _record(self, facts: dict[str, Any], mark: Checkpoint, last: int) -> int:
        index = facts.get("index")
        if facts.keys() not in ({"index", "path", "record"}, {"index", "path", "record64"}) or type(index) is not int:
            raise Malformed("a record has exactly an index, a path and its content")
        self._index = index
        if index <= last:
            raise Malformed(f"record {index} is out of order")
        record, path = _content(facts), _unpacked(facts["path"])
        try:
            merkle.verify_inclusion(index, mark.size, leaf_hash(record, mark.digest), path, mark.root, mark.digest)
        except DatongError as error:
            raise Malformed(f"record {index} is not what was signed: {error.message}") from None
        if self.head["where"] and search.Wanted(self.head["where"]).match(record) is None:
            raise Malformed(f"record {index} is not one of {self.head['where']}")
        return index

    def _earlier(self, facts: dict[str, Any], second: Checkpoint) -> None:
        if facts.keys() != {"checkpoint", "path"} or not isinstance(facts["checkpoint"], dict):
            raise Malformed("an earlier state has exactly a checkpoint and a path")
        first = self._signed(facts["checkpoint"])
        path = _unpacked(facts["path"])
        merkle.verify_consistency(first.size, second.size, first.root, second.root, path, second.digest)
        self._known.append(first.size)
        self.earlier.append(first)


def _own(prover: Prover, mark: Checkpoint) -> Checkpoint:
    """Give a state in Datong's own words: for a note the checkpoint of its size, once the log is proved to go on from it."""
    if not isinstance(mark, notes.Note):
        return mark
    prover.consistency(mark)
    return prover.checkpoint(mark.size)


def _record_line(receipt: Receipt) -> bytes:
    record = receipt.record or b""
    try:
        content = {"record": record.decode()}
    except UnicodeDecodeError:
        content = {"record64": base64.b64encode(record).decode()}
    return _line({"index": receipt.index, "path": _packed(receipt.path), **content})


def _content(facts: Mapping[str, Any]) -> bytes:
    if "record" in facts:
        return _text(facts["record"]).encode()
    return _decoded(facts["record64"])


def _line(value: Mapping[str, Any]) -> bytes:
    return canonical.dumps(dict(value)) + b"\n"


def _plain(mark: Checkpoint) -> dict[str, Any]:
    found: dict[str, Any] = canonical.loads(mark.line())
    return found


def _packed(path: Iterable[bytes]) -> str:
    return base64.b64encode(b"".join(path)).decode()


def _unpacked(text: object) -> list[bytes]:
    data = _decoded(text)
    if len(data) % SIZE or len(data) > LONGEST_PATH * SIZE * 2:
        raise Malformed("a path is not of whole hashes")
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def _decoded(text: object) -> bytes:
    """Read base64 in its one form: bits that stand for nothing must be 0."""
    try:
        data = base64.b64decode(_text(text), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("a text is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Malformed("a text is not in the one form of base64")
    return data


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("a text is wanted")
    return value


def _check_where(where: object) -> None:
    if not isinstance(where, dict) or not where.keys() <= search.FIELDS.keys() or not all(map(_is_text, where.values())):
        raise Malformed(f"the records have something else in common than {', '.join(search.FIELDS)}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _pem(verifier: Verifier) -> str:
    return verifier.public_pem().decode()
