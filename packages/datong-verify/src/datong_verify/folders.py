# SPDX-License-Identifier: Apache-2.0
"""Check of a whole log in its folder: every record, every checkpoint, the first bad record by its number."""

import struct
from collections.abc import Iterator
from pathlib import Path

from datong_verify.known import Known
from datong_verify.nodes import SERIES, pinned
from datong_verify.notes import Checkpoint, Key, checkpoint, in_one_form, read, unpacked, written
from datong_verify.trees import Growing, Hash, hash_named
from datong_verify.verdicts import Unreadable, Unsupported, Verdict, Wrong

FRAME = struct.Struct(">IQ32s")
LARGEST_RECORD = 16 * 1024 * 1024
LARGEST_BATCH = 1024
"""A killed writer leaves one unsigned batch; more means that checkpoints were removed."""
FORMAT = "datong-log/1"
PRUNED = "pruned.json"
REMOVED = "datong-pruned/1"


def is_log(folder: Path) -> bool:
    """Whether any file of a log lies in a folder."""
    return any((folder / name).is_file() for name in ("log.json", "checkpoints")) or any(folder.glob("*.seg"))


def check_log(folder: Path, key: Key | None, verdict: Verdict, known: Known) -> None:
    """Check a log from its first record to its last.

    Raises:
        Wrong: Naming the first bad record.
        Unreadable: What the log is cannot be read.
        Unsupported: It is signed by SM2.
    """
    facts = _facts(folder)
    if facts["algorithm"] == "sm2":
        raise Unsupported("it is signed by SM2, which this verifier cannot check: use `datong ledger verify`")
    stated = Key(facts["public_key"])
    if key is not None and stated.key_id != key.key_id:
        raise Wrong(f"the log is signed by key {stated.key_id}, not by the key {key.key_id} given", 0)
    signer, hashed = key or stated, hash_named(facts["hash"])
    verdict.origin, verdict.key_id = facts["origin"], signer.key_id
    tree = Growing(hashed, _removed(folder, facts["origin"], signer, verdict))
    gone, records = tree.size, _records(folder, hashed, tree.size)
    pins = [(mark, "a node checkpoint pins") for mark in pinned(folder.parent / SERIES, facts["origin"], signer)]
    held = known.of(facts["origin"], signer)
    pins = sorted([*pins, *((mark, "are known from before") for mark in held)], key=lambda pin: pin[0].size)
    pins = [pin for pin in pins if pin[0].size >= gone]
    for line in _lines(folder, tree):
        try:
            mark = checkpoint(in_one_form(line))
            mark.check(signer)
            mark.belongs(facts["origin"], facts["hash"])
        except (Wrong, Unreadable) as error:
            raise Wrong(f"the checkpoint behind record {tree.size}: {error}", tree.size) from None
        if mark.size < gone:
            continue
        _hold(tree, records, pins, mark.size)
        _reach(tree, records, mark.size)
        if tree.size != mark.size or tree.root() != mark.root:
            said = f"records {verdict.size} to {mark.size - 1} are not those that were signed"
            raise Wrong(said, min(verdict.size, mark.size))
        verdict.records = verdict.size = mark.size
        verdict.at = mark.at
    _hold(tree, records, pins, None)
    _check_tail(tree, records, verdict)
    for mark in held:
        shown = "goes on from its known state" if mark.size >= gone else "had removed, by retention, its known state"
        verdict.notes.append(f"the log {shown} of {mark.size} records")


def _hold(tree: Growing, records: Iterator[bytes], pins: list[tuple[Checkpoint, str]], until: int | None) -> None:
    """See that the records lead to the states that are pinned or known, up to a size or all of them."""
    while pins and (until is None or pins[0][0].size <= until):
        pin, why = pins.pop(0)
        _reach(tree, records, pin.size)
        if tree.root() != pin.root:
            raise Wrong(f"the first {pin.size} records are not those that {why}")


def _reach(tree: Growing, records: Iterator[bytes], size: int) -> None:
    while tree.size < size:
        leaf = next(records, None)
        if leaf is None:
            raise Wrong(f"the log ends before record {tree.size}, but a checkpoint says there are {size}", tree.size)
        tree.add(leaf)


def _check_tail(tree: Growing, records: Iterator[bytes], verdict: Verdict) -> None:
    """Check what lies behind the newest checkpoint: at most one batch, the last frame perhaps unfinished."""
    try:
        for leaf in records:
            tree.add(leaf)
    except _Torn as torn:
        if not torn.last:
            raise
        verdict.notes.append("the last frame is unfinished, as a killed writer leaves it")
    behind = tree.size - verdict.size
    if behind > LARGEST_BATCH:
        raise Wrong(f"record {verdict.size} and those behind it are signed by no checkpoint", verdict.size)
    if behind:
        verdict.notes.append(f"{behind} records lie behind the newest checkpoint: signed by nobody yet")


class _Torn(Wrong):
    """A file ends inside a frame."""

    def __init__(self, record: int, *, last: bool) -> None:
        super().__init__(f"record {record}: the file ends inside it", record)
        self.last = last


def _facts(folder: Path) -> dict[str, str]:
    try:
        facts = read((folder / "log.json").read_bytes())
    except OSError as error:
        raise Wrong(f"log.json cannot be read: {error.strerror}", 0) from None
    names = {"algorithm", "created", "format", "hash", "origin", "public_key"}
    if not isinstance(facts, dict) or facts.keys() != names or not all(isinstance(value, str) for value in facts.values()):
        raise Wrong("log.json has not the fields of a log", 0)
    if facts["format"] != FORMAT or facts["algorithm"] not in ("ed25519", "sm2"):
        raise Wrong(f"log.json is not of the format {FORMAT}", 0)
    return facts


def _lines(folder: Path, tree: Growing) -> Iterator[bytes]:
    """Give the whole lines of the checkpoints file."""
    try:
        file = (folder / "checkpoints").open("rb")
    except FileNotFoundError:
        return
    size = 0
    with file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line[:-1]
            if tree.size < size:
                raise Wrong("the checkpoints are out of order", tree.size)
            size = tree.size


def _removed(folder: Path, origin: str, signer: Key, verdict: Verdict) -> list[tuple[int, bytes]]:
    """Give the peaks over what retention removed, as the node signed for them; none where nothing was."""
    try:
        raw = (folder / PRUNED).read_bytes()
    except FileNotFoundError:
        return []
    try:
        facts = in_one_form(raw.removesuffix(b"\n"))
        signature, size = unpacked(facts.pop("signature")), facts["size"]
        peaks = {int(level): bytes.fromhex(node) for level, node in facts["nodes"].items()}
        told = (facts["format"], facts["origin"], facts["key_id"]) == (REMOVED, origin, signer.key_id)
    except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
        raise Wrong(f"{PRUNED} cannot be read", 0) from None
    if not told or type(size) is not int or sum(1 << level for level in peaks) != size:
        raise Wrong(f"{PRUNED} is of another log or key, or its peaks do not fit", 0)
    try:
        signer.check(signature, REMOVED.encode() + b"\n" + written(facts))
    except Wrong:
        raise Wrong(f"{PRUNED} is not signed by key {signer.key_id}", 0) from None
    verdict.notes.append(f"records 0 to {size - 1} were removed by retention ({facts['at']}): their peaks are signed")
    return [(1 << level, peaks[level]) for level in sorted(peaks, reverse=True)]


def _records(folder: Path, hashed: Hash, index: int) -> Iterator[bytes]:
    """Give the leaf hashes of all records from an index on, each computed from the record itself."""
    files = sorted(path for path in folder.glob("*.seg") if path.stem.isdecimal() and int(path.stem) >= index)
    for path in files:
        if int(path.stem) != index:
            raise Wrong(f"record {index} is missing: the next file begins with record {int(path.stem)}", index)
        with path.open("rb") as file:
            while head := file.read(FRAME.size):
                if len(head) < FRAME.size:
                    raise _Torn(index, last=path is files[-1])
                length, number, leaf = FRAME.unpack(head)
                if length > LARGEST_RECORD or number != index:
                    raise Wrong(f"record {index}: another record stands here, or its length is impossible", index)
                body = file.read(length)
                if len(body) < length:
                    raise _Torn(index, last=path is files[-1])
                if hashed(b"\x00" + body) != leaf:
                    raise Wrong(f"record {index}: a byte was changed", index)
                yield leaf
                index += 1
