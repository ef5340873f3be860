# SPDX-License-Identifier: Apache-2.0
"""Check of an export of all logs of a node: a node checkpoint in front, then the export of each log."""

from pathlib import Path
from typing import Any, BinaryIO

from datong_verify.notes import Key, NodeCheckpoint, in_one_form, node_checkpoint
from datong_verify.papers import Export
from datong_verify.verdicts import Unreadable, Verdict, Wrong

FORMAT = "datong-exports/1"
LONGEST_LINE = 64 * 1024


def check_exports(path: Path, key: Key | None, verdict: Verdict) -> None:
    """Check the file from its first line to its last.

    Raises:
        Wrong: A line is not as it was signed, or a log that is pinned is left out.
        Unreadable: The first line is not that of such an export.
        Unsupported: It is signed by SM2.
    """
    with path.open("rb") as file:
        head = _line(file)
        if not isinstance(head, dict) or head.keys() != {"format", "logs", "node", "where"} or head["format"] != FORMAT:
            raise Unreadable("the first line is not that of an export of several logs")
        if type(head["logs"]) is not int or head["logs"] < 1 or type(head["node"]) is not int or head["node"] not in (0, 1):
            raise Unreadable("the first line does not say how many logs follow")
        try:
            _check(file, head, key, verdict)
        except Unreadable as error:
            raise Wrong(str(error)) from None


def _check(file: BinaryIO, head: dict[str, Any], key: Key | None, verdict: Verdict) -> None:
    node = node_checkpoint(_line(file)) if head["node"] else None
    left = {mark.origin: mark for mark in node.logs} if node else {}
    last = ""
    for _ in range(head["logs"]):
        found = Verdict(verdict.subject)
        export = Export(file, found)
        export.open(key)
        export.read(alone=False)
        key = key or export.key
        if export.where != head["where"] or found.origin <= last:
            raise Wrong(f"the log {found.origin} is out of order, or its records have something else in common")
        pin = left.pop(found.origin, None)
        if pin is not None and pin not in export.earlier:
            raise Wrong(f"the log {found.origin} is not shown to go on from what the node checkpoint pins")
        last = found.origin
        _add(found, verdict)
    if left:
        raise Wrong(f"the log {min(left)} is left out, and the node checkpoint pins it")
    if file.read(1):
        raise Unreadable("something stands behind the end of the export")
    if node and key:
        _settle(node, key, verdict)


def _add(found: Verdict, verdict: Verdict) -> None:
    verdict.origin, verdict.key_id = found.origin.rpartition("/")[0], found.key_id
    verdict.records += found.records
    verdict.size += found.size
    verdict.at = max(verdict.at, found.at)
    verdict.notes += [f"{found.origin}: {found.records} of {found.size} records", *found.notes]


def _settle(node: NodeCheckpoint, key: Key, verdict: Verdict) -> None:
    node.check(key)
    verdict.notes.append(f"no log that node checkpoint {node.number} ({node.at}) pins is left out")


def _line(file: BinaryIO) -> Any:
    return in_one_form(file.readline(LONGEST_LINE).removesuffix(b"\n"))
