# SPDX-License-Identifier: Apache-2.0
"""Forms as a browser reads them out of a page, and what hostile people type into them."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote_plus

MARKUP = "\"'></textarea></script><script>hit(1)</script><img src=x onerror=hit(1)>"
SQL = "'; drop table organisations_account cascade; --"
TEMPLATE = "{{ settings.SECRET_KEY }}{% debug %}%(name)s%s${7*7}"
HOSTILE = {
    "markup": MARKUP,
    "sql": SQL,
    "template": TEMPLATE,
    "nul": "a\x00b",
    "control": "a\x1b[31mb\x07",
    "override": "a\u202egnp.exe",
    "overlong": "长" * 30_000,
    "one long word": "x" * 30_000,
    "newlines": "a\r\nSet-Cookie: hit=1\r\n\r\nb",
    "noncharacter": "\uffff\U0010ffff",
    "combining": "e" + "\u0301" * 500,
    "number": "9" * 400,
    "negative": "-1e309",
}
RAW = {"half a surrogate": b"%ED%A0%80", "not UTF-8": b"%FF%FE%80", "cut": b"%E4%BD"}
"""Values as bytes of a form, already quoted: no text would encode to them."""


class Form(HTMLParser):
    """The fields of the form of a page that posts to an address."""

    def __init__(self, page: str, action: str = "") -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.texts: set[str] = set()
        self._action, self._inside, self._open = action, False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method", "").lower() == "post" and given.get("action", "") in ("", self._action)
        elif self._inside and given.get("name"):
            self._field(tag, given)
        elif self._inside and tag == "option" and "selected" in given and self._open:
            self.values[self._open] = [given.get("value", "")]

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if kind in ("submit", "button", "file") or tag == "button":
            return
        self._open = name if tag in ("select", "textarea") else ""
        if kind in ("checkbox", "radio"):
            self.values.setdefault(name, []).extend([given.get("value", "on")] if "checked" in given else [])
            return
        self.values[name] = [given.get("value", "")]
        self.texts.add(name)

    def handle_data(self, data: str) -> None:
        if self._open in self.texts and self._inside and self.lasttag == "textarea":
            self.values[self._open] = [self.values[self._open][0] + data]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag in ("textarea", "select"):
            self._open = ""

    def posted(self, field: str, value: str | bytes) -> bytes:
        """The body of the form with one field as given; bytes are quoted already."""
        said = [(name, one) for name, many in self.values.items() if name != field for one in many]
        pairs = [f"{quote_plus(name)}={quote_plus(one)}".encode() for name, one in said]
        raw = value if isinstance(value, bytes) else quote_plus(value, errors="surrogatepass").encode()
        return b"&".join([*pairs, quote_plus(field).encode() + b"=" + raw])
