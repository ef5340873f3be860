# SPDX-License-Identifier: Apache-2.0
"""Drawing papers as PDF.

Kept here: the same content gives the same bytes; characters beyond the Adobe-GB1 set print as empty boxes, never as others.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import segno
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

if TYPE_CHECKING:
    from datong.wire.papers import Paper

FONT: Final = "STSong-Light"
WIDTH: Final = A4[0] - 44 * mm - 12
"""Between the margins and the padding of reportlab's frames."""
CODE: Final = 30 * mm
PALE: Final = colors.HexColor("#c8ccd2")
GREY: Final = colors.HexColor("#5b6470")


def draw(paper: Paper) -> bytes:
    """Draw a paper as PDF, A4."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=22 * mm, rightMargin=22 * mm, topMargin=22 * mm, bottomMargin=20 * mm, invariant=1,
        title=f"{paper.heading} {paper.number}", author=paper.issuer, subject=paper.fingerprint, creator="Datong",
    )  # fmt: skip
    note = partial(_foot, paper=paper)
    document.build(_story(paper), onFirstPage=note, onLaterPages=note)
    return out.getvalue()


def _style(size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle("paper", fontName=FONT, fontSize=size, leading=size * 1.6, wordWrap="CJK", **more)


def _story(paper: Paper) -> list[Flowable]:
    body, label = _style(10.5), _style(10.5, textColor=GREY)
    story: list[Flowable] = [
        Paragraph(escape(paper.heading), _style(18, alignment=TA_CENTER, spaceAfter=4)),
        Paragraph(escape(f"{paper.words[0]} {paper.number}"), _style(10.5, alignment=TA_CENTER, spaceAfter=10)),
    ]
    rows = [[Paragraph(escape(name), label), Paragraph(_lines(value), body)] for name, value in paper.facts]
    ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.4, PALE), ("LINEABOVE", (0, 0), (-1, 0), 0.8, GREY)]
    look = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *ruled])
    if rows:
        story.append(Table(rows, colWidths=[34 * mm, WIDTH - 34 * mm], style=look, splitInRow=1))
    for title, lines in paper.sections:
        story.append(Paragraph(escape(title), _style(12, spaceBefore=10, spaceAfter=3)))
        story += [Paragraph(_lines(line), _style(10.5, spaceAfter=2)) for line in lines]
    signed = Table(
        [
            [
                _Code(_address(paper)),
                [Paragraph(escape(one), _style(10.5, alignment=TA_RIGHT)) for one in (paper.issuer, paper.day)],
            ]
        ],
        colWidths=[CODE + 4 * mm, WIDTH - CODE - 4 * mm],
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LEFTPADDING", (0, 0), (0, 0), 0)]),
    )
    return [*story, Spacer(1, 10 * mm), signed]


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in (text or "—").split("\n"))


def _address(paper: Paper) -> str:
    return f"{paper.url}#sha256={paper.fingerprint}"


class _Code(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A QR code, drawn as squares."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.matrix = [list(row) for row in segno.make(said, error="m", micro=False).matrix]
        self.width = self.height = CODE

    def draw(self) -> None:
        """Draw the dark squares from the top left."""
        edge = CODE / len(self.matrix)
        self.canv.setFillColor(colors.black)
        for line, row in enumerate(self.matrix):
            for place, dark in enumerate(row):
                if dark:
                    self.canv.rect(place * edge, CODE - (line + 1) * edge, edge, edge, stroke=0, fill=1)


def _foot(canvas: Any, _document: Any, *, paper: Paper) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 8)
    canvas.setFillColor(GREY)
    canvas.drawString(22 * mm, 14 * mm, paper.foot)
    canvas.drawString(22 * mm, 10 * mm, f"{paper.words[1]} SHA-256 {paper.fingerprint}")
    canvas.drawRightString(A4[0] - 22 * mm, 14 * mm, str(canvas.getPageNumber()))
    canvas.restoreState()
