# SPDX-License-Identifier: Apache-2.0
"""Noting: the newest state of a log signed as a note when somebody asks, at most once a second and only when it has grown.

Kept here: what was signed last lies in the file `note` of the log, and the next one is signed only when the log is proved to
go on from it; a log that shrank or was forked gets none. Nothing is signed while nobody asks, and nothing on the way of a call.
"""

import os
from pathlib import Path
from time import time
from typing import Final

from datong.crypto.keys import load_verifier
from datong.crypto.signing import BadSignature, Signer, Verifier
from datong.kernel.errors import Malformed, Unavailable, Unknown
from datong.ledger import files, history, identity, notes, removed
from datong.ledger.merkle import BadProof
from datong.ledger.notes import Note
from datong.ledger.prover import EVERYTHING, Prover
from datong.ledger.recovery import Damaged

NAME: Final = "note"
BETWEEN: Final = 1.0
"""Seconds between two signatures of a log."""


def kept(directory: Path) -> Note | None:
    """Give the note that was signed last, unchecked; None where none was.

    Raises:
        Unknown: There is no log, or C2SP has no form for notes of its suite.
        Malformed: What lies there is none.
    """
    _check_suite(directory)
    try:
        with (directory / NAME).open("rb") as file:
            raw = file.read(notes.LARGEST + 1)
    except FileNotFoundError:
        return None
    return notes.parse(raw) if raw else None  # empty is what a loss of power may leave of it


def renewed(directory: Path, signer: Signer, *, most: int = EVERYTHING) -> Note:
    """Give the newest note: the one signed last while it holds or is less than a second old, else a new one.

    Args:
        directory: The folder of the log; it may be written meanwhile.
        signer: The node's key.
        most: Records to read at once for the proof that the log goes on.

    Raises:
        Unknown: There is no log, it is empty, or C2SP has no form for notes of its suite.
        Damaged: The log does not go on from what was signed before.
        Unavailable: The proof wants more reading than may be done at once, or the disk fails.
    """
    _check_suite(directory)
    try:
        held = files.lock(directory / identity.NAME, wait=True)
        try:
            return _renewed(directory, signer, load_verifier(signer.public_pem()), most)
        finally:
            os.close(held)
    except OSError as error:
        raise Unavailable(f"the note of {directory.name} cannot be kept: {error.strerror}") from None


def _check_suite(directory: Path) -> None:
    known = identity.load(directory)
    notes.check_suite(known.hash, known.algorithm)


def _renewed(directory: Path, signer: Signer, verifier: Verifier, most: int) -> Note:
    before, newest = _before(directory, verifier), history.last(directory)
    if newest is None:
        raise Unknown(
            "这本日志还没有记录 (the log is empty: nothing is signed yet)",
            remedy="有了记录后再试 (try again when it has a record)",
        )
    if before and (_fresh(directory / NAME) or (before.size, before.root) == (newest.size, newest.root)):
        return before
    with Prover(directory, verifier, most=most) as prover:
        mark = prover.checkpoint()
        if before:
            _check_grown(prover, before, removed.load(directory).size)
    made = notes.sign(signer, mark)
    files.place(directory / NAME, made.line(), durable=False)  # lost, it is signed anew; no record hangs on it
    return made


def _before(directory: Path, verifier: Verifier) -> Note | None:
    origin = identity.load(directory).origin
    try:
        before = kept(directory)
        if before:
            before.check(verifier)
    except (Malformed, BadSignature) as error:
        raise Damaged(f"the note of {origin} cannot be gone on from: {error}", remedy="datong ledger verify") from None
    if before and before.origin != origin:
        raise Damaged(f"the note beside the log of {origin} is of {before.origin}", remedy="datong ledger verify")
    return before


def _check_grown(prover: Prover, before: Note, gone: int) -> None:
    if prover.size < before.size:
        said = f"the log {before.origin} shrank from {before.size} to {prover.size} records"
        raise Damaged(said, remedy="datong ledger verify")
    try:
        if before.size >= gone:
            prover.consistency(before)
    except BadProof as error:
        said = f"the log {before.origin} does not go on from the {before.size} records its note signed: {error.message}"
        raise Damaged(said, remedy="datong ledger verify") from None


def _fresh(file: Path) -> bool:
    return 0 <= time() - file.stat().st_mtime < BETWEEN
