# SPDX-License-Identifier: Apache-2.0
"""Check of stamped node checkpoints: each signed by the node, stamped by an authority one trusts, and in the series beside it."""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from datong_verify.nodes import SERIES
from datong_verify.notes import Key, NodeCheckpoint, in_one_form, node_checkpoint, unpacked, written
from datong_verify.tokens import OTHERWISE, Token, check_over, check_vouched, token
from datong_verify.verdicts import Unreadable, Unsupported, Verdict, Wrong

STAMPS = "node-stamps"
ROOTS = "tsa.pem"
FORMAT = "datong-stamp/1"
LONGEST_LINE = 128 * 1024
MARK = b'"format":"datong-stamp/1"'
NOT_HERE = f"who stamped is not checked: name the roots of the authority by --tsa, or use {OTHERWISE}"


class Stamped:
    """A node checkpoint and the stamp over it.

    Attributes:
        node: The checkpoint.
        line: The checkpoint as it is stamped.
        token: The stamp.
    """

    def __init__(self, facts: object) -> None:
        if not isinstance(facts, dict) or facts.keys() != {"checkpoint", "format", "token"} or facts["format"] != FORMAT:
            raise Unreadable("a stamped node checkpoint has exactly a checkpoint, a format and a token")
        self.node: NodeCheckpoint = node_checkpoint(facts["checkpoint"])
        self.line = written(facts["checkpoint"])
        self.token: Token = token(unpacked(facts["token"]))
        check_over(self.token, self.line)

    def check(self, key: Key, roots: list[x509.Certificate]) -> str:
        """Give who stamped, "" where there are no roots to know it by.

        Raises:
            Wrong: The checkpoint is not the node's, or no root vouches for the stamp.
            Unsupported: It is signed by means that are not here.
        """
        self.node.check(key)
        return check_vouched(self.token, roots) if roots else ""

    def told(self, by: str) -> str:
        """Say what it shows."""
        at = self.token.at.isoformat().replace("+00:00", "Z")
        return f"all that node checkpoint {self.node.number} covers was there at {at}, says {by or 'a time stamp'}"


def roots_in(path: Path) -> list[x509.Certificate]:
    """Read the certificates one trusts.

    Raises:
        Unreadable: There are none.
    """
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        raise Unreadable(f"{path} holds no certificates (PEM)") from None


def is_stamps(start: bytes) -> bool:
    """Whether a file begins with a stamped node checkpoint."""
    return MARK in start.split(b"\n", 1)[0]


def check_stamps(path: Path, key: Key | None, roots: list[x509.Certificate], verdict: Verdict) -> None:
    """Check one stamped node checkpoint, or a file of them.

    Raises:
        Wrong: Naming the first bad one.
        Unreadable: There is no key.
        Unsupported: Everything but who stamped is good, and that cannot be told here.
    """
    if key is None:
        raise Unreadable("this carries no public key: name one by --key")
    beside = path.name == STAMPS
    if beside and not roots and (path.parent / ROOTS).exists():
        roots = roots_in(path.parent / ROOTS)
        verdict.notes.append(f"the roots came with the evidence: compare {ROOTS} with those got from elsewhere, or name --tsa")
    verdict.key_id, last, kept = key.key_id, -1, dict[int, bytes]()
    for line in _lines(path):
        try:
            one = Stamped(in_one_form(line))
            by = one.check(key, roots)
        except (Wrong, Unreadable) as error:
            raise Wrong(f"stamp {verdict.records}: {error}", verdict.records) from None
        if one.node.number <= last:
            raise Wrong(f"stamp {verdict.records} is out of order", verdict.records)
        last, kept[one.node.number] = one.node.number, one.line
        verdict.origin, verdict.at, verdict.size = one.node.origin, one.node.at, sum(mark.size for mark in one.node.logs)
        verdict.records += 1
        told = one.told(by)
    if beside:
        _check_beside(path.parent / SERIES, kept)
    if verdict.records and not roots:
        raise Unsupported(NOT_HERE)
    verdict.notes += [told] if verdict.records else []


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            if not line.endswith(b"\n") and file.read(1):
                raise Wrong("a line is too long")
            if not line.endswith(b"\n") and path.name == STAMPS:
                return
            yield line.removesuffix(b"\n")


def _check_beside(series: Path, kept: dict[int, bytes]) -> None:
    """See that what is stamped stands in the series as it is."""
    left = dict(kept)
    if left and series.exists():
        with series.open("rb") as file:
            for number, line in enumerate(file):
                if left.get(number) == line.removesuffix(b"\n"):
                    del left[number]
    if left:
        raise Wrong(f"node checkpoint {min(left)} was stamped and is not in the series as it was: that was cut or forked")
