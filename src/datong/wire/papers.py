# SPDX-License-Identifier: Apache-2.0
"""Papers to print and keep: a heading, facts, sections, a code that leads to the page and carries the digest. PDF, A4.

Kept here: the digest is of the content, so that a paper can be compared with what
the node holds. What draws it is loaded when one is drawn.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from datong.kernel import canonical

TYPE: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says.

    Attributes:
        heading: Such as 政务数据共享申请答复书.
        number: Of what it is about.
        issuer: Department that gives it.
        day: Day it is of.
        facts: Pairs of label and value.
        sections: Pairs of title and paragraphs.
        foot: What the reader should know of the paper itself.
        url: Page that shows the same.
        digest: SHA-256 in hexadecimal of what it certifies; "" for that of the paper's own content.
    """

    heading: str
    number: str
    issuer: str
    day: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[str]]] = ()
    foot: str = ""
    url: str = ""
    digest: str = ""
    words: Sequence[str] = field(default=("编号", "摘要"))

    @property
    def fingerprint(self) -> str:
        """The digest printed: the one given, else that of the content."""
        said = {
            "heading": self.heading, "number": self.number, "issuer": self.issuer, "day": self.day,
            "facts": [list(pair) for pair in self.facts], "sections": [[title, list(lines)] for title, lines in self.sections],
        }  # fmt: skip
        return self.digest or hashlib.sha256(canonical.dumps(said)).hexdigest()


def render(paper: Paper) -> bytes:
    """Give a paper as PDF."""
    from datong.wire.printing import draw  # noqa: PLC0415  a server that prints nothing needs no memory for it

    return draw(paper)
