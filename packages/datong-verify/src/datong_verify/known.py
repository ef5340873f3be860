# SPDX-License-Identifier: Apache-2.0
"""What a reader keeps from before: checkpoints, notes, receipts, node checkpoints, stamps. What is checked must go on from it."""

from collections.abc import Iterable
from pathlib import Path

from datong_verify.c2sp import is_note, note
from datong_verify.notes import Checkpoint, Key, NodeCheckpoint, checkpoint, in_one_form, node_checkpoint, written
from datong_verify.papers import mark_of_receipt
from datong_verify.stamps import Stamped
from datong_verify.verdicts import Unreadable, Unsupported, Wrong


class Known:
    """States known from before.

    Attributes:
        marks: Of single logs.
        nodes: Node checkpoints, as their lines.
        met: Origins of logs, and of nodes, that were compared with one of them.
    """

    def __init__(self, files: Iterable[Path] = ()) -> None:
        """Read files.

        Raises:
            Unreadable: One is of no kind that names a state.
        """
        self.marks = list[Checkpoint]()
        self.nodes = list[tuple[NodeCheckpoint, bytes]]()
        self.met = set[str]()
        for file in files:
            self._take(file.read_bytes().strip())

    def _take(self, text: bytes) -> None:
        if is_note(text):
            self.marks.append(note(text + b"\n"))
            return
        if not text.startswith(b"{"):
            self.marks.append(mark_of_receipt(text.decode("ascii", "replace")))
            return
        facts = in_one_form(text)
        kind = facts.get("format") if isinstance(facts, dict) else None
        if kind is None:
            self.marks.append(checkpoint(facts))
            return
        node = Stamped(facts).node if kind == "datong-stamp/1" else node_checkpoint(facts)
        self.nodes.append((node, written(facts["checkpoint"]) if kind == "datong-stamp/1" else text))
        self.marks += node.logs

    def of(self, origin: str, key: Key) -> list[Checkpoint]:
        """Give the states of a log by size, each signed by the key.

        Raises:
            Wrong: One is not signed by it.
        """
        found = sorted((mark for mark in self.marks if mark.origin == origin), key=lambda mark: mark.size)
        self.met |= {origin} if found else set()
        for mark in found:
            mark.check(key)
        return found

    def check_shown(self, origin: str, key: Key, shown: Iterable[Checkpoint]) -> list[str]:
        """See that a paper shows a log to go on from every known state of it.

        Returns:
            What is shown, in words.

        Raises:
            Wrong: It shows another state of the same size.
            Unsupported: It does not show it.
        """
        roots = {mark.size: mark.root for mark in shown}
        told = []
        for mark in self.of(origin, key):
            if mark.size not in roots:
                said = f"this does not show that {origin} goes on from its known state of {mark.size} records"
                raise Unsupported(f"{said}: ask for `datong ledger prove … --consistency {mark.size} …` or an export of it")
            if roots[mark.size] != mark.root:
                raise Wrong(f"the first {mark.size} records of {origin} are not those known from before: the log was forked")
            told.append(f"{origin} goes on from its known state of {mark.size} records")
        return told

    def check_series(self, found: dict[int, bytes], origin: str, key: Key) -> None:
        """See that the node checkpoints known from before are in the series.

        Raises:
            Wrong: One is not.
        """
        for node, line in self.nodes:
            if node.origin != origin:
                continue
            node.check(key)
            self.met.add(origin)
            if found.get(node.number) != line:
                raise Wrong(f"node checkpoint {node.number}, known from before, is not in the series as it was: cut or forked")

    def check_there(self, folder: Path, series: str) -> None:
        """See that every log that is known from before lies in a folder of all logs, and their series where one is known.

        Raises:
            Wrong: One is missing.
        """
        for mark in self.marks:
            if not (folder / mark.origin.rpartition("/")[2]).is_dir():
                raise Wrong(f"the log {mark.origin} is missing: its state of {mark.size} records is known from before")
        if self.nodes and not (folder / series).exists():
            raise Wrong(f"{series} is missing: number {self.nodes[0][0].number} of it is known from before")

    def check_met(self) -> None:
        """See that everything known was compared with something.

        Raises:
            Unreadable: Nothing that was checked is of a log known from before.
        """
        if self.marks and not self.met:
            raise Unreadable(f"nothing that was checked is of {self.marks[0].origin}, which is known from before")
