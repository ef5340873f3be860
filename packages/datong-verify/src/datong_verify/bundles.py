# SPDX-License-Identifier: Apache-2.0
"""Check of an export of all logs of a node: a node checkpoint in front, perhaps a time stamp, then the export of each log."""

from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509

from datong_verify.known import Known
from datong_verify.notes import Key, NodeCheckpoint, in_one_form, node_checkpoint
from datong_verify.papers import Export
from datong_verify.stamps import LONGEST_LINE as LONGEST_STAMP
from datong_verify.stamps import NOT_HERE, Stamped
from datong_verify.verdicts import Unreadable, Verdict, Wrong

FORMAT = "datong-exports/1"
FIELDS = {"format", "logs", "node", "stamp", "where"}
LONGEST_LINE = 64 * 1024


def check_exports(path: Path, key: Key | None, known: Known, roots: list[x509.Certificate], verdict: Verdict) -> None:
    """Check the file from its first line to its last.

    Raises:
        Wrong: A line is not as it was signed, or a log that is pinned is left out.
        Unreadable: The first line is not that of such an export.
        Unsupported: It is signed by SM2.
    """
    with path.open("rb") as file:
        head = _line(file)
        if not isinstance(head, dict) or head.keys() != FIELDS or head["format"] != FORMAT:
            raise Unreadable("the first line is not that of an export of several logs")
        counts = [head[name] for name in ("logs", "node", "stamp")]
        if any(type(count) is not int for count in counts) or counts[0] < 1 or not 0 <= counts[2] <= counts[1] <= 1:
            raise Unreadable("the first line does not say how many logs follow")
        try:
            bundle = _Bundle(file, head, key, known, verdict)
            bundle.read()
            if bundle.key:
                _settle(bundle.node, bundle.stamp, bundle.key, roots, verdict)
        except Unreadable as error:
            raise Wrong(str(error)) from None


class _Bundle:
    """One walk through the file."""

    def __init__(self, file: BinaryIO, head: dict[str, Any], key: Key | None, known: Known, verdict: Verdict) -> None:
        self._file, self._head, self.key, self._known, self._verdict = file, head, key, known, verdict
        self.node = node_checkpoint(_line(file)) if head["node"] else None
        self.stamp = Stamped(in_one_form(file.readline(LONGEST_STAMP).removesuffix(b"\n"))) if head["stamp"] else None
        self._left = {mark.origin: mark for mark in self.node.logs} if self.node else {}
        self._stamped = {mark.origin: mark for mark in self.stamp.node.logs} if self.stamp else {}

    def read(self) -> None:
        last = ""
        for _ in range(self._head["logs"]):
            last = self._section(last)
        if self._left:
            raise Wrong(f"the log {min(self._left)} is left out, and the node checkpoint pins it")
        if self._file.read(1):
            raise Unreadable("something stands behind the end of the export")

    def _section(self, last: str) -> str:
        found = Verdict(self._verdict.subject)
        export = Export(self._file, found)
        export.open(self.key)
        export.read(alone=False)
        self.key = self.key or export.key
        if export.where != self._head["where"] or found.origin <= last:
            raise Wrong(f"the log {found.origin} is out of order, or its records have something else in common")
        stamped = self._stamped.get(found.origin)
        for pin in (self._left.pop(found.origin, None), stamped):
            if pin is not None and pin not in export.earlier:
                raise Wrong(f"the log {found.origin} is not shown to go on from what the node checkpoint pins")
        if self.stamp and export.last >= (stamped.size if stamped else 0):
            raise Wrong(f"record {export.last} of {found.origin} is not among those that were stamped", export.last)
        found.notes += self._known.check_shown(found.origin, export.key, [*export.earlier, export.mark])
        _add(found, self._verdict)
        return found.origin


def _add(found: Verdict, verdict: Verdict) -> None:
    verdict.origin, verdict.key_id = found.origin.rpartition("/")[0], found.key_id
    verdict.records += found.records
    verdict.size += found.size
    verdict.at = max(verdict.at, found.at)
    verdict.notes += [f"{found.origin}: {found.records} of {found.size} records", *found.notes]


def _settle(
    node: NodeCheckpoint | None, stamp: Stamped | None, key: Key, roots: list[x509.Certificate], verdict: Verdict
) -> None:  # fmt: skip
    if node:
        node.check(key)
        verdict.notes.append(f"no log that node checkpoint {node.number} ({node.at}) pins is left out")
    if stamp:
        verdict.notes += [stamp.told(stamp.check(key, roots)), *([] if roots else [NOT_HERE])]


def _line(file: BinaryIO) -> Any:
    return in_one_form(file.readline(LONGEST_LINE).removesuffix(b"\n"))
