# SPDX-License-Identifier: Apache-2.0
"""Calls of interfaces that answer in JSON: pages one after another, by number, cursor or next link.

Kept here: the secret goes to the connection's own server and nowhere else: a next link that leads away is refused; a
listing that does not move on is refused; numbers keep the digits they were written with.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from datong.engine.backends.remote import web
from datong.engine.backends.remote.stores import Trial
from datong.engine.errors import SourceUnreadable
from datong.kernel.reach import Network

LARGEST_ANSWER = 64 * 2**20
MOST_PAGES = 100_000
LONGEST_LINK = 4_000


class Number(str):
    """A number with the digits it was written with."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls an interface, and where.

    Attributes:
        base: Address all paths follow.
        signing: none, basic, bearer or header.
        account: Of basic authentication.
        secret: Password or token; never shown.
        header: Name of the header that carries the token.
        inside: Networks of this node's own that may be reached.
        check: Path that a trial asks for.
    """

    base: str
    signing: str = "none"
    account: str = ""
    secret: str = field(default="", repr=False)
    header: str = ""
    inside: Sequence[Network] = ()
    check: str = ""

    def url(self, path: str) -> str:
        """Give the whole address of a path."""
        return self.base.rstrip("/") + path if path.startswith(("/", "?")) else self.base

    def get(self, client: httpx.Client, url: str) -> Any:
        """Ask for a document; numbers come as `Number`.

        Raises:
            SourceUnreadable: Not reached, refused, too large, or no JSON.
        """
        headers = {"accept": "application/json", **self.signed()}
        with web.answered(client, web.Request(url, headers), self.inside) as answer:
            return parsed(web.body(answer, LARGEST_ANSWER))

    def probe(self) -> Trial:
        """Ask for the path of trials."""
        with web.session() as client:
            headers = {"accept": "application/json", **self.signed()}
            with web.answered(client, web.Request(self.url(self.check), headers), self.inside) as answer:
                return Trial(f"接口应答 HTTP {answer.status_code} (the interface answered)")

    def signed(self) -> dict[str, str]:
        """Headers by which the other system knows us; they hold the secret."""
        if self.signing == "basic":
            return {"authorization": "Basic " + base64.b64encode(f"{self.account}:{self.secret}".encode()).decode()}
        if self.signing == "bearer":
            return {"authorization": f"Bearer {self.secret}"}
        return {self.header: self.secret} if self.signing == "header" else {}


@dataclass(frozen=True, slots=True)
class Paging:
    """How an interface hands out its rows; see the connections' `reading` for what each is called there."""

    rows: str = ""
    paging: str = "none"
    page_parameter: str = "page"
    first_page: int = 1
    size_parameter: str = ""
    page_size: int = 1000
    cursor_parameter: str = "cursor"
    next: str = ""


def pages(caller: Caller, path: str, how: Paging) -> Iterator[list[Any]]:
    """Give the rows of an interface, page by page.

    Raises:
        SourceUnreadable: A page is not there, its rows are no list, or the pages do not move on.
    """
    first = caller.url(path)
    if how.size_parameter:
        first = _with(first, {how.size_parameter: str(how.page_size)})
    counted = {"page": how.first_page, "offset": 0}
    url = _with(first, {how.page_parameter: str(counted[how.paging])}) if how.paging in counted else first
    seen: set[Any] = set()
    former: Any = None
    taken = 0
    with web.session() as client:
        for number in range(1, MOST_PAGES + 1):
            document = caller.get(client, url)
            rows = _rows(document, how.rows, first=number == 1)
            if how.paging in counted and rows and rows == former:
                raise _endless("两页内容相同 (two pages are the same)")
            if rows:
                yield rows
            taken += len(rows)
            following = _following(document, how, first, url, how.first_page + number if how.paging == "page" else taken, rows)
            if following is None:
                return
            if following in seen:
                raise _endless("下一页又回到前面 (the next page leads back)")
            seen.add(following)
            former, url = rows, following
    raise _endless(f"超过 {MOST_PAGES} 页 (more pages than that)")


def pointed(document: Any, pointer: str) -> Any:
    """Give what a JSON pointer (RFC 6901) names, None where there is nothing."""
    for word in pointer.split("/")[1:]:
        name = word.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isascii() and name.isdecimal() and int(name[:9]) < len(document):
            document = document[int(name[:9])]
        else:
            return None
    return document


def parsed(said: bytes) -> Any:
    """Read JSON; numbers keep their digits.

    Raises:
        SourceUnreadable: It is none, or nested too deep.
    """
    try:
        return json.loads(said.decode("utf-8-sig"), parse_int=_number, parse_float=_number, parse_constant=_never)
    except (ValueError, RecursionError):
        raise _no_json() from None


def text(value: Any) -> str | None:
    """Give a value as the text every source speaks; what is nested stays JSON.

    Raises:
        SourceUnreadable: It is nested too deep.
    """
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return written(value)


def written(value: Any) -> str:
    """Write JSON with the digits its numbers came with.

    Raises:
        SourceUnreadable: It is nested too deep: what was just read may be deeper than can be written.
    """
    try:
        return _written(value)
    except RecursionError:
        raise _no_json() from None


def _written(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_written(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _rows(document: Any, pointer: str, *, first: bool) -> list[Any]:
    rows = pointed(document, pointer)
    if rows is None and not first:
        return []
    if not isinstance(rows, list):
        raise SourceUnreadable(
            "应答里没有行的列表 (there is no list of rows in the answer)",
            fields={"rows": f"“{pointer or '/'}”处不是列表 (no list there)"},
            remedy="用 JSON 指针指出行的位置，如 /data/items (say where the rows are by a JSON pointer)",
        )
    return rows


def _following(document: Any, how: Paging, first: str, url: str, number: int, rows: list[Any]) -> str | None:
    """The address of the next page, None after the last one; `number` is that of the page, or of the row it begins with."""
    if how.paging in ("page", "offset"):
        return _with(first, {how.page_parameter: str(number)}) if rows else None
    if how.paging not in ("cursor", "next"):
        return None
    said = pointed(document, how.next)
    if said is None or said is False or said == "":
        return None
    if not isinstance(said, str) or len(said) > LONGEST_LINK:
        raise _endless("下一页的位置读不懂 (where the next page is does not read)")
    return _with(first, {how.cursor_parameter: str(said)}) if how.paging == "cursor" else link(url, str(said))


def link(url: str, said: str) -> str:
    """The address a next link means.

    Raises:
        SourceUnreadable: It leads to another server.
    """
    following = urljoin(url, said)
    ours, theirs = urlsplit(url), urlsplit(following)
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        raise SourceUnreadable(
            "下一页的链接指向别的服务器，不跟随 (the next page leads to another server: not followed)",
            fields={"next": "其他服务器 (another server)"},
            remedy="请接口方改用同一地址 (ask for links to the same address)",
        )
    return following


def _with(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))


def _number(said: str) -> Number:
    """Written as a function, so that other threads get their turn between two numbers of millions."""
    return Number(said)


def _never(said: str) -> Any:
    raise ValueError(said)


def _no_json() -> SourceUnreadable:
    return SourceUnreadable(
        "应答不是 JSON，或者嵌套过深 (the answer is no JSON, or nested too deep)",
        fields={"connection": "JSON"},
        remedy="核对接口地址和路径 (check address and path)",
    )


def _endless(why: str) -> SourceUnreadable:
    return SourceUnreadable(
        f"分页没有尽头：{why}", fields={"paging": why}, remedy="核对分页方式和参数 (check the way of paging and its parameters)"
    )
