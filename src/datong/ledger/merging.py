# SPDX-License-Identifier: Apache-2.0
"""Merging: the newest checkpoints of all logs of a node under one signature, when any of them has grown.

Kept here: a log is taken up only when it is proved to go on from what was pinned of it before. One that is missing, shrunk or
forked is named and stays pinned where it was; it does not keep the others from being pinned further.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Signer, Verifier
from datong.kernel.errors import DatongError
from datong.ledger import files, identity, merged, removed
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.merged import NAME, Merged
from datong.ledger.prover import EVERYTHING, Prover
from datong.ledger.recovery import Damaged


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a merging did.

    Attributes:
        made: The node checkpoint that was written, None where nothing had grown.
        troubles: By the origin of a log, what is wrong with it.
    """

    made: Merged | None
    troubles: Mapping[str, str]


def merge(evidence: Path, origin: str, signer: Signer, *, most: int = EVERYTHING) -> Outcome:
    """Write the next node checkpoint, when a log has grown since the one before.

    Args:
        evidence: The folder of the node's logs.
        origin: Code of the node.
        signer: Its key.
        most: Records of each log to read at once for its proof; a log that wants more waits for a later merging.

    Raises:
        Damaged: The series that is there cannot be gone on from.
        Malformed: Its last line is none.
        Unavailable: Somebody else merges.
        OSError: The disk is full or fails.
    """
    folders = sorted(file.parent for file in evidence.glob(f"*/{identity.NAME}"))
    if not folders and not (evidence / NAME).exists():
        return Outcome(None, {})
    held = files.lock(evidence / NAME, wait=False)
    try:
        return _merge(evidence, folders, origin, signer, most)
    finally:
        os.close(held)


def _merge(evidence: Path, folders: list[Path], origin: str, signer: Signer, most: int) -> Outcome:
    merged.trim(evidence)
    verifier = load_verifier(signer.public_pem())
    before = _before(evidence, origin, verifier)
    pinned = {mark.origin: mark for mark in before.logs} if before else {}
    troubles = {}
    marks, seen = dict(pinned), set()
    for folder in folders:
        name = f"{origin}/{folder.name}"
        try:
            name = identity.load(folder).origin
            if not name.startswith(f"{origin}/"):
                raise Damaged(f"the log {name} is none of node {origin}")
            mark = _newest(folder, verifier, pinned.get(name), most)
            marks.update({name: mark} if mark else {})
        except DatongError as error:
            troubles[name] = error.message
        seen.add(name)
    for name in pinned.keys() - seen:
        troubles[name] = f"the log {name} is missing: {pinned[name].size} records of it were signed"
    if marks == pinned:
        return Outcome(None, troubles)
    made = merged.sign(signer, origin, list(marks.values()), before)
    _write(evidence, made.line())
    return Outcome(made, troubles)


def _before(evidence: Path, origin: str, verifier: Verifier) -> Merged | None:
    before = merged.last(evidence)
    if before is None:
        return None
    try:
        before.check(verifier)
    except BadSignature as error:
        raise Damaged(f"the newest node checkpoint is {error}", remedy="run `datong ledger verify`") from None
    if before.origin != origin:
        raise Damaged(f"the node checkpoints are of {before.origin}, not of {origin}")
    return before


def _newest(folder: Path, verifier: Verifier, pinned: Checkpoint | None, most: int) -> Checkpoint | None:
    """Give the newest state of a log that is proved to go on from the pinned one; the pinned one until its proof is ready."""
    with Prover(folder, verifier, most=most) as prover:
        if pinned is None:
            return prover.newest
        if prover.size < pinned.size:
            raise Damaged(f"the log {pinned.origin} shrank from {pinned.size} to {prover.size} records")
        if not prover.ready:
            return pinned
        if pinned.size >= removed.load(folder).size:
            prover.consistency(pinned)
        return prover.newest


def _write(evidence: Path, line: bytes) -> None:
    handle = os.open(evidence / NAME, os.O_WRONLY | os.O_APPEND | os.O_DSYNC | os.O_CLOEXEC)
    try:
        files.write_all(handle, line)
        files.sync_folder(evidence)
    finally:
        os.close(handle)
