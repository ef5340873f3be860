# SPDX-License-Identifier: Apache-2.0
"""Files of derived tables: addresses that sign themselves and end, ranges, and bytes sent piece by piece.

Kept here: an address is good for one file of one recipient until its end; who reads it is looked up in the policy again
each time, so a grant or token that ended takes its addresses with it. The parameter of the signature is named as the
clients' own readers want it.
"""

import asyncio
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from datong.engine.backends.manifests import Derived, DerivedChange, DerivedFile, derived
from datong.gateway.answers import CAREFUL, Scope, Send
from datong.gateway.limits.turns import Turns
from datong.gateway.refusals import BodyCut, unknown
from datong.gateway.tables.stored import Stored

PLACE: Final = re.compile(r"/delta-sharing/files/([0-9a-f]{32})/([0-9]{1,18}-[0-9a-f]{32})/([0-9a-f]{32})")
SIGNATURE: Final = "X-Amz-Signature"
LIFE: Final = 3_600
PIECE: Final = 1 << 20
READERS: Final = Turns(2, "files", each=1 << 20, most=1 << 20)
"""Read the pieces of files, those of one table after another: whoever reads much holds up neither calls nor other tables. A
file that is being sent has one piece in hand, so connections bound what waits."""
PATH_SEND: Final = "http.response.pathsend"
"""The extension of ASGI by which a server sends a file without its bytes passing through Python."""
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file that are asked for, the end not counted; `part` tells whether they were asked for as a range."""

    start: int
    end: int
    part: bool


def address(secret: bytes, base: str, recipient: str, folder: str, file: str, ends: int) -> str:
    """Give the address of a file.

    Args:
        secret: Key of the addresses.
        base: Under which clients reach this gateway.
        recipient: Mark of the recipient.
        folder: Name of the derived table's folder.
        file: Id of the file.
        ends: Seconds since 1970.
    """
    path = f"/delta-sharing/files/{recipient}/{folder}/{file}"
    return f"{base}{path}?ends={ends}&{SIGNATURE}={_sign(secret, path, ends)}"


def is_signed(secret: bytes, path: str, ends: str, signature: str, now: float) -> bool:
    """Tell whether an address was made here and has not ended."""
    if not (ends.isascii() and ends.isdigit() and len(ends) <= len(str(2**40)) and signature.isascii()):
        return False
    return hmac.compare_digest(_sign(secret, path, int(ends)), signature) and now < int(ends)


@lru_cache(maxsize=1_024)
def _manifest(folder: str) -> Derived:
    found = derived(Path(folder))
    if found is None:
        raise FileNotFoundError(folder)
    return found


def manifest(folder: Path) -> Derived | None:
    """Give a derived table, remembered once it is there, for it never changes; None while it is not.

    Raises:
        BackendFailed: It is there and damaged.
    """
    try:
        return _manifest(str(folder))
    except FileNotFoundError:
        return None


def file_of(folder: Path, wanted: str) -> tuple[DerivedFile | DerivedChange, str]:
    """Find a file of a table, or of its changes, by its id; and where in the object store it lies, empty for `folder`.

    Raises:
        Unknown: There is none any more.
    """
    held = manifest(folder)
    known: tuple[DerivedFile | DerivedChange, ...] = (*held.filled, *held.changes) if held is not None else ()
    for one in known:
        if one.id == wanted and held is not None and (held.at or (folder / one.path).is_file()):
            return one, f"{held.at}/{one.path}" if held.at else ""
    raise unknown()


def span(header: str, size: int) -> Span | None:
    """Read a Range header; what does not read asks for the whole, as does more than one range.

    Returns:
        The bytes, or None when the file has none of them.
    """
    found = _RANGE.fullmatch(header.strip())
    if found is None or not (found[1] or found[2]):
        return Span(0, size, part=False)
    if not found[1]:
        last = min(int(found[2]), size)
        return Span(size - last, size, part=True) if last else None
    start, end = int(found[1]), min(int(found[2]) + 1 if found[2] else size, size)
    return Span(start, end, part=True) if start < end else None


@dataclass(slots=True)
class Delivery:
    """A file, or a part of one, as an answer."""

    path: Path
    size: int
    wanted: Span | None
    stored: Stored | None = field(default=None, kw_only=True)
    """The file in the object store, where it does not lie at `path`."""

    @property
    def status(self) -> int:
        """200 for the whole, 206 for a part, 416 where there is no such part."""
        return 416 if self.wanted is None else 206 if self.wanted.part else 200

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers of the file."""
        found = [(b"content-type", b"application/octet-stream"), (b"accept-ranges", b"bytes"), *CAREFUL]
        if self.wanted is None:
            return [*found, (b"content-range", b"bytes */%d" % self.size), (b"content-length", b"0")]
        found.append((b"content-length", b"%d" % (self.wanted.end - self.wanted.start)))
        if self.wanted.part:
            found.append((b"content-range", b"bytes %d-%d/%d" % (self.wanted.start, self.wanted.end - 1, self.size)))
        return found


async def deliver(
    send: Send,
    answer: Delivery,
    *,
    head: bool,
    extra: list[tuple[bytes, bytes]],
    scope: Scope | None = None,
    inside: str = "",
) -> None:
    """Send a file, or its headers alone.

    Args:
        send: To whom.
        answer: The file.
        head: Whether only headers were asked for.
        extra: Headers besides.
        scope: The request, which says whether the server sends whole files by itself.
        inside: Where the proxy before this server finds the file and sends it, ranges and all; empty sends it from here.

    Raises:
        BodyCut: The file is shorter than it was.
    """
    if inside and not head and answer.wanted is not None:
        told = [(b"content-type", b"application/octet-stream"), (b"x-accel-redirect", inside.encode()), *CAREFUL, *extra]
        await send({"type": "http.response.start", "status": 200, "headers": told})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers(), *extra]})
    if head or answer.wanted is None or answer.wanted.start == answer.wanted.end:
        await send({"type": "http.response.body", "body": b""})
        return
    if answer.stored is not None:
        await answer.stored.send(send, answer.wanted.end - answer.wanted.start)
        return
    await send_bytes(send, answer.path, answer.wanted, whole_by_server=_is_whole(answer) and _server_sends(scope))


def _is_whole(answer: Delivery) -> bool:
    return answer.wanted is not None and not answer.wanted.start and answer.wanted.end == answer.size


def _server_sends(scope: Scope | None) -> bool:
    return scope is not None and PATH_SEND in (scope.get("extensions") or {})


async def send_bytes(send: Send, path: Path, wanted: Span, *, whole_by_server: bool = False) -> None:
    """Send the bytes of a file after its headers.

    Args:
        send: To whom.
        path: The file.
        wanted: Which bytes.
        whole_by_server: Whether they are all of the file, and the server can send it by itself.

    Raises:
        BodyCut: The file is shorter than it was.
    """
    if whole_by_server:
        await send({"type": PATH_SEND, "path": str(path)})
        return
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(wanted.start)
        left = wanted.end - wanted.start
        while left:
            piece = await READERS.run(str(path.parent), file.read, min(left, PIECE))
            if not piece:
                raise BodyCut("the file is shorter than its manifest says")
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})


def _sign(secret: bytes, path: str, ends: int) -> str:
    return hmac.new(secret, f"{path}\n{ends}".encode(), hashlib.sha256).hexdigest()
