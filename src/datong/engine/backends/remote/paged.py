# SPDX-License-Identifier: Apache-2.0
"""Registered interfaces that hand out their rows in pages: how a page is asked for, and where the next one begins.

Kept here: a position is a text of the interface's own (a number, a cursor, an address of the same server); one that does not
move on, leads away or is endless refuses the answer.
"""

from typing import Any, Final

from datong.engine.backends.remote.calls import Paging, link, pointed
from datong.engine.backends.remote.misfits import misfit
from datong.engine.errors import SourceUnreadable

LONGEST: Final = 1_000
"""Bytes of a position: it goes through the caller's hands, sealed."""


def parameters(how: Paging, position: str) -> dict[str, str | int]:
    """What a page is asked for by, beside the question itself; the empty position is the first page."""
    given: dict[str, str | int] = {how.size_parameter: how.page_size} if how.size_parameter else {}
    if how.paging == "page":
        given[how.page_parameter] = int(position) if position else how.first_page
    elif how.paging == "offset":
        given[how.page_parameter] = int(position or 0)
    elif how.paging == "cursor" and position:
        given[how.cursor_parameter] = position
    return given


def following(how: Paging, document: Any, count: int, position: str, url: str) -> str:
    """Where the next page begins; empty at the end.

    Args:
        how: The way of paging.
        document: The answer.
        count: Of its rows.
        position: It was asked by.
        url: It was asked at.

    Raises:
        InterfaceMisfit: The pages do not move on, or lead away.
    """
    if how.paging in ("page", "offset"):
        if not count or (how.size_parameter and count < how.page_size):
            return ""
        begun = int(position) if position else (how.first_page if how.paging == "page" else 0)
        return str(begun + (1 if how.paging == "page" else count))
    said = pointed(document, how.next)
    if said is None or said is False or said == "":
        return ""
    if not isinstance(said, str) or not said.isprintable():
        raise misfit("unread")
    reached = str(said) if how.paging == "cursor" else _linked(url, str(said))
    if len(reached.encode()) > LONGEST:
        raise misfit("unread")
    if reached == position:
        raise misfit("still")
    return reached


def _linked(url: str, said: str) -> str:
    try:
        return link(url, said)
    except (SourceUnreadable, ValueError):
        raise misfit("away") from None
