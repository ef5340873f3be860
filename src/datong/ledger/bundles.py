# SPDX-License-Identifier: Apache-2.0
"""Exports of all logs of a node in one file: a grant's calls lie in the log of whichever gateway answered.

Kept here: every log stands in it, also one that holds nothing of the kind, and under the node checkpoint that stands in front no
log can be left out: each section proves that its log goes on from what is pinned there. Where a time-stamping authority stamped a
checkpoint that covers every record, the earliest of those stamps stands in it too. Layout: docs/reference/receipts.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.x509 import Certificate

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Verifier
from datong.kernel import canonical
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.ledger import exports, history, identity, merged, search, stamps
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.exports import LONGEST_LINE, Finding, Reading
from datong.ledger.merged import Merged
from datong.ledger.prover import Prover
from datong.ledger.recovery import Damaged
from datong.ledger.stamps import Stamped

FORMAT: Final = "datong-exports/1"
HEAD: Final = {"format", "logs", "node", "stamp", "where"}
FLAGS: Final = ("node", "stamp")


@dataclass(frozen=True, slots=True)
class Found:
    """What the check of such a file found.

    Attributes:
        ok: Whether every record is proved, and no log the node checkpoint pins is left out.
        logs: What was found of each log.
        node: Number of the node checkpoint in front, None where there is none.
        stamped: The instant at which an authority says that all records were there, "" where no stamp is in it.
        authority: Its name, "" where there were no roots to check the stamp by.
        records: How many records were found good.
        key_id: Names the key.
        key_given: Whether the key came from elsewhere than the file.
        where: What all the records have in common.
        reason: One sentence, "" when all is well.
    """

    ok: bool
    logs: Sequence[Finding] = ()
    node: int | None = None
    stamped: str = ""
    authority: str = ""
    records: int = 0
    key_id: str = ""
    key_given: bool = False
    where: Mapping[str, str] | None = None
    reason: str = ""


def is_bundle(path: Path) -> bool:
    """Tell such a file from the export of one log."""
    with path.open("rb") as file:
        return FORMAT.encode() in file.readline(LONGEST_LINE)


def lines(
    evidence: Path, where: Mapping[str, str], *, known: Sequence[Checkpoint] = (), held: Sequence[Merged] = ()
) -> Iterator[bytes]:
    """Give the lines of an export of all logs in an evidence folder.

    Args:
        evidence: The folder.
        where: What the records have in common.
        known: Earlier states of any of the logs that somebody holds.
        held: Node checkpoints somebody holds.

    Raises:
        BadProof: A log is not a continuation of a known state, or of what the newest node checkpoint pins: this is the dispute.
        Damaged: A log that was pinned is missing, or does not hold what was signed.
        Unknown: There is no log, or a known state is of none of them.
    """
    node = merged.last(evidence)  # before the logs are looked at: what it pins is in them
    folders = {identity.load(file.parent).origin: file.parent for file in evidence.glob(f"*/{identity.NAME}")}
    folders = {origin: folders[origin] for origin in sorted(folders) if history.last(folders[origin]) is not None}
    indexes = {origin: _indexes(folder, where) for origin, folder in folders.items()}
    stamp = stamps.covering(evidence, {origin: found[-1] + 1 for origin, found in indexes.items() if found}) if node else None
    pinned = node.logs if node else ()
    nodes = [*held, *([stamp.node] if stamp else [])]
    wanted = {mark.line(): mark for mark in (*pinned, *known, *(mark for one in nodes for mark in one.logs))}.values()
    _check_there(folders, pinned, wanted)
    flags = {"node": int(node is not None), "stamp": int(stamp is not None)}
    yield _line({"format": FORMAT, "logs": len(folders), "where": dict(where), **flags})
    yield from (part.line() for part in (node, stamp) if part)
    for origin, folder in folders.items():
        with Prover(folder) as prover:
            ours = [mark for mark in wanted if mark.origin == origin]
            yield from exports.lines(prover, identity.load(folder), indexes[origin], where=where, known=ours)


def verify(path: Path, verifier: Verifier | None = None, roots: Sequence[Certificate] = ()) -> Found:
    """Check an export of all logs from its first line to its last.

    Args:
        path: The file.
        verifier: The node's public key, got from elsewhere; that in the first section when not given.
        roots: Certificates by which a stamp is checked; who stamped is not checked where there are none.

    Returns:
        What was found; what is bad is reported, never raised.
    """
    with path.open("rb") as file:
        return _Bundle(file, verifier, roots).run()


class _Bundle:
    """One walk through the file."""

    def __init__(self, file: BinaryIO, verifier: Verifier | None, roots: Sequence[Certificate]) -> None:
        self._file, self._verifier, self._given, self._roots = file, verifier, verifier is not None, roots
        self._logs: list[Finding] = []
        self._head: dict[str, Any] = {}
        self._node: Merged | None = None
        self._stamp: Stamped | None = None
        self._authority = ""

    def run(self) -> Found:
        try:
            self._begin()
            left = {mark.origin: mark for mark in self._node.logs} if self._node else {}
            for _ in range(self._head["logs"]):
                self._section(left)
            if left:
                raise Malformed(f"the log {min(left)} is left out, and the node checkpoint pins it")
            if self._verifier:
                self._settle(self._verifier)
            if self._file.read(1):
                raise Malformed("something stands behind the end of the export")
        except (DatongError, BadSignature) as error:
            return self._found(str(error))
        return self._found("")

    def _found(self, reason: str) -> Found:
        return Found(
            ok=not reason, logs=tuple(self._logs), node=self._node.number if self._node else None,
            stamped=self._stamp.said.at.isoformat().replace("+00:00", "Z") if self._stamp else "", authority=self._authority,
            records=sum(one.records for one in self._logs), key_id=self._verifier.key_id if self._verifier else "",
            key_given=self._given, where=self._head.get("where"), reason=reason,
        )  # fmt: skip

    def _begin(self) -> None:
        raw = self._file.readline(LONGEST_LINE)
        head = canonical.loads(raw)
        if not isinstance(head, dict) or head.keys() != HEAD or head["format"] != FORMAT or _line(head) != raw:
            raise Malformed("the first line is not that of an export of several logs")
        if any(type(head[name]) is not int for name in ("logs", *FLAGS)) or head["logs"] < 1:
            raise Malformed("the first line does not say how many logs follow")
        if any(head[name] not in (0, 1) for name in FLAGS) or head["stamp"] > head["node"]:
            raise Malformed("the first line does not say what follows")
        self._head = head
        self._node = merged.parse(self._file.readline(merged.LONGEST_LINE)) if head["node"] else None
        self._stamp = stamps.parse(self._file.readline(stamps.LONGEST_LINE)) if head["stamp"] else None

    def _settle(self, verifier: Verifier) -> None:
        """Check who signed what stands in front, and who stamped it, where there are roots."""
        if self._node:
            self._node.check(verifier)
        if self._stamp and self._roots:
            self._authority = self._stamp.check(verifier, self._roots)
        elif self._stamp:
            self._stamp.node.check(verifier)

    def _section(self, left: dict[str, Checkpoint]) -> None:
        reading = Reading(self._file, self._verifier, alone=False)
        finding = reading.run()
        self._logs.append(finding)
        if not finding.ok:
            raise Malformed(f"{finding.origin or 'a log'}: {finding.reason}")
        if finding.where != self._head["where"] or [one.origin for one in self._logs[-2:-1]] >= [finding.origin]:
            raise Malformed(f"the log {finding.origin} is out of order, or its records have something else in common")
        self._verifier = self._verifier or load_verifier(str(reading.head["public_key"]).encode())
        pin = left.pop(finding.origin, None)
        stamped = self._stamp.node.of(finding.origin) if self._stamp else None
        for mark in (pin, stamped):
            if mark is not None and mark not in reading.earlier:
                raise Malformed(f"the log {finding.origin} is not shown to go on from what the node checkpoint pins")
        if self._stamp and reading.last >= (stamped.size if stamped else 0):
            raise Malformed(f"record {reading.last} of {finding.origin} is not among those that were stamped")


def _indexes(folder: Path, where: Mapping[str, str]) -> list[int]:
    with Prover(folder) as prover:
        return [one.index for one in search.forwards(prover, search.Wanted(where))]


def _check_there(folders: Mapping[str, Path], pinned: Sequence[Checkpoint], wanted: Iterable[Checkpoint]) -> None:
    gone = [mark.origin for mark in pinned if mark.origin not in folders]
    if gone:
        raise Damaged(f"the log {gone[0]} is missing, and the newest node checkpoint pins it", remedy="datong ledger verify")
    strange = [mark.origin for mark in wanted if mark.origin not in folders]
    if strange or not folders:
        raise Unknown(f"there is no log {strange[0]} here" if strange else "there is no evidence log here")


def _line(value: Mapping[str, Any]) -> bytes:
    return canonical.dumps(dict(value)) + b"\n"
