# SPDX-License-Identifier: Apache-2.0
"""Parts of an address, kind by kind, and the check of what a person typed.

Kept here: one table says which parts a kind has; forms, the interface and the check all read it. An address names a
server on the network: a path, a socket or a user name inside an address is refused. What a name stands for is checked
when it is used, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from datong.contexts.connections.domain.kinds import ConnectionKind
from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled

LONGEST = 300
LONGEST_ACCOUNT = 200
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
REGION = re.compile(r"[a-z0-9-]{1,40}")
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
PATH = re.compile(r"/(?![/\\])[!-~]*|\?[!-~]*")
LAST_PORT = 65_535


class Encryption(Labelled):
    """Whether the way to a database is encrypted."""

    PREFER = "prefer", "服务器支持则加密"
    REQUIRE = "require", "必须加密"
    DISABLE = "disable", "不加密"


class Signing(Labelled):
    """How a data interface knows the caller."""

    NONE = "none", "无需认证"
    BASIC = "basic", "账号口令（Basic）"
    BEARER = "bearer", "令牌（Bearer）"
    HEADER = "header", "令牌（自定义请求头）"


Choice = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an address.

    Attributes:
        name: as stored and as the interface calls it.
        usual: taken where nothing is said; None where something has to be.
        example: shown in an empty field.
        taken: value and label of each choice; empty where any text is typed.
    """

    name: str
    usual: str | None = None
    example: str = ""
    taken: Choice = ()


def _choices(kind: type[Labelled]) -> Choice:
    return tuple((one.value, one.label) for one in kind)


_HOST = Part("host", example="db.example.gov.cn")
PARTS: dict[ConnectionKind, tuple[Part, ...]] = {
    ConnectionKind.POSTGRES: (
        _HOST,
        Part("port", "5432"),
        Part("database"),
        Part("sslmode", Encryption.PREFER.value, taken=_choices(Encryption)),
    ),
    ConnectionKind.MYSQL: (
        _HOST,
        Part("port", "3306"),
        Part("database"),
        Part("ssl", "", taken=(("", "不加密"), ("true", "必须加密"))),
        Part("charset", "", taken=(("", "UTF-8"), ("gbk", "GBK"))),
    ),
    ConnectionKind.S3: (
        Part("endpoint", example="https://s3.example.gov.cn"),
        Part("bucket"),
        Part("region", "us-east-1"),
        Part("prefix", "", example="share/"),
    ),
    ConnectionKind.SFTP: (
        _HOST,
        Part("port", "22"),
        Part("folder", "", example="/share"),
        Part("fingerprint", "", example="SHA256:…"),
    ),
    ConnectionKind.HTTP: (
        Part("base", example="https://app.example.gov.cn/api"),
        Part("signing", Signing.NONE.value, taken=_choices(Signing)),
        Part("header", "", example="X-Api-Key"),
        Part("check", "", example="/v1/status"),
    ),
    ConnectionKind.FOLDER: (Part("root", example="/data/share"),),
}
ACCOUNTS: dict[ConnectionKind, bool] = dict.fromkeys(ConnectionKind, True) | {
    ConnectionKind.HTTP: False,
    ConnectionKind.FOLDER: False,
}
"""Whether a kind needs an account."""


def address_of(kind: ConnectionKind, said: Mapping[str, str]) -> dict[str, str]:
    """Check the parts of an address.

    Args:
        kind: of the connection.
        said: Name to text, as typed; parts of other kinds are ignored.

    Returns:
        Every part of the kind.

    Raises:
        Malformed: naming each part that does not fit.
    """
    parts: dict[str, str] = {}
    faults: dict[str, str] = {}
    for part in PARTS[kind]:
        try:
            parts[part.name] = _part(part, said.get(part.name) or "")
        except Malformed as error:
            faults |= error.fields
    if kind is ConnectionKind.HTTP and not faults and parts["signing"] == Signing.HEADER and not parts["header"]:
        faults["header"] = "填写请求头的名称，如 X-Api-Key (name the header)"
    if faults:
        raise Malformed("连接地址不完整或者不合格式，见各字段 (the address does not fit: see the fields)", fields=faults)
    return parts


def check_account(kind: ConnectionKind, address: Mapping[str, str], account: str) -> str:
    """Check the account that goes with an address.

    Raises:
        Malformed: one is needed and missing, or it is no line of text.
    """
    needed = ACCOUNTS[kind] or address.get("signing") == Signing.BASIC
    return texts.line("account", account, longest=LONGEST_ACCOUNT, least=1 if needed else 0)


def shown(kind: ConnectionKind, address: Mapping[str, str]) -> str:
    """Give an address in one line, as lists show it."""
    if kind in (ConnectionKind.S3, ConnectionKind.HTTP):
        return "/".join(filter(None, (address.get("endpoint") or address.get("base"), address.get("bucket"))))
    if kind is ConnectionKind.FOLDER:
        return address["root"]
    place = address.get("database") or address.get("folder", "").lstrip("/")
    return f"{address['host']}:{address['port']}/{place}"


def _part(part: Part, said: str) -> str:
    text = texts.line(part.name, said, longest=LONGEST, least=0) or (part.usual or "")
    if not text and part.usual is None:
        raise Malformed(part.name, fields={part.name: "必填 (needed)"})
    if part.taken and text not in dict(part.taken):
        raise Malformed(part.name, fields={part.name: "从列表中选择 (choose from the list)"})
    check = _CHECKS.get(part.name)
    if text and check is not None:
        check(part.name, text)
    return text


def _port(name: str, text: str) -> None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= LAST_PORT):
        raise Malformed(name, fields={name: f"1 … {LAST_PORT}"})


def _url(name: str, text: str) -> None:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    extra = "@" in parts.netloc or parts.query or parts.fragment or "\\" in text or " " in text or port == 0
    if parts.scheme not in ("https", "http") or not HOST.fullmatch(host) or extra or not text.isascii():
        why = "如 https://app.example.gov.cn/api，不带账号、? 和 # (such as this, without user name, ? and #)"
        raise Malformed(name, fields={name: why})


def _matching(pattern: re.Pattern[str], why: str) -> Callable[[str, str], None]:
    def check(name: str, text: str) -> None:
        if not pattern.fullmatch(text):
            raise Malformed(name, fields={name: why})

    return check


def _folder(name: str, text: str) -> None:
    if ".." in text.split("/") or "\\" in text:
        raise Malformed(name, fields={name: "目录不含 .. (no ..)"})


def _root(name: str, text: str) -> None:
    if not text.startswith("/") or {"", ".", ".."} & set(text.rstrip("/").split("/")[1:]):
        raise Malformed(name, fields={name: "如 /data/share，不含 .. (an absolute path without ..)"})


_CHECKS: dict[str, Callable[[str, str], None]] = {
    "host": _matching(HOST, "填写主机名或地址，不能是本机路径 (a host name or address, never a path of this machine)"),
    "port": _port,
    "endpoint": _url,
    "base": _url,
    "bucket": _matching(BUCKET, "小写字母、数字、点和连字符 (small letters, digits, dots and hyphens)"),
    "region": _matching(REGION, "如 us-east-1 (such as this)"),
    "fingerprint": _matching(FINGERPRINT, "如 SHA256: 加 43 个字符 (SHA256: and 43 characters)"),
    "header": _matching(HEADER, "字母、数字和连字符 (letters, digits and hyphens)"),
    "check": _matching(PATH, "以 / 或 ? 开头的路径 (a path that begins with / or ?)"),
    "prefix": _folder,
    "folder": _folder,
    "root": _root,
}
