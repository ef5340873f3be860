# SPDX-License-Identifier: Apache-2.0
"""File servers by SFTP.

Kept here: the server's key is compared with the fingerprint the connection names, before any secret is sent; nothing of
this machine is offered to it (no agent, no keys of its own, no configuration); a file is written under another name and
renamed when it is whole.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import asyncssh

from datong.engine.backends.remote import guard, spill
from datong.engine.backends.remote.stores import Entry, Trial
from datong.engine.errors import SourceUnreadable
from datong.kernel.reach import Network

T = TypeVar("T")
CONNECT = 15
PIECE = 1 << 22
MOST_ENTRIES = 100_000
_WORDS: dict[type[Exception], tuple[str, str]] = {
    asyncssh.HostKeyNotVerifiable: (
        "主机指纹与登记的不一致，没有登录 (the host's key is another than the one named; not signed in)",
        "向对方核实指纹，确认后新建连接 (ask the other side for the fingerprint)",
    ),
    asyncssh.PermissionDenied: (
        "对方拒绝了账号、口令或者密钥 (account, password or key were refused)",
        "核对账号和口令 (check account and password)",
    ),
    asyncssh.SFTPNoSuchFile: ("对方没有这个文件或者目录 (there is no such file or folder)", "核对路径 (check the path)"),
    asyncssh.SFTPPermissionDenied: (
        "账号无权读写该路径 (the account may not read or write there)",
        "请对方授权 (ask for the right)",
    ),
    asyncssh.KeyImportError: (
        "私钥读不懂，或者有口令保护 (the private key does not read, or has a passphrase)",
        "换一个私钥 (give another)",
    ),
}
_BROKEN = (
    "对方连接不上或者中途断开 (the file server cannot be reached, or broke off)",
    "核对地址和防火墙 (check address and firewall)",
)
_FAULTS = (asyncssh.Error, asyncssh.KeyImportError, OSError, TimeoutError)


class _Client(asyncssh.SSHClient):
    """Asks for the fingerprint, and takes any key once where none is named yet."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        self.seen = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Compare."""
        self.seen = key.get_fingerprint("sha256")
        return not self.wanted or secrets.compare_digest(self.seen, self.wanted)


@dataclass(frozen=True, slots=True)
class SftpStore:
    """A folder of a file server.

    Attributes:
        host: Name or number.
        port: 22 as a rule.
        account: Who signs in.
        secret: Password, or private key in OpenSSH or PEM form; never shown.
        fingerprint: SHA256:… of the host's key; empty takes any.
        folder: Below which names are looked for; empty is where the account begins.
        inside: Networks of this node's own that may be reached.
    """

    host: str
    port: int
    account: str
    secret: str = field(default="", repr=False)
    fingerprint: str = ""
    folder: str = ""
    inside: Sequence[Network] = ()

    @property
    def label(self) -> str:
        """The folder's name."""
        return PurePosixPath(self.folder).name or "sftp"

    def stat(self, name: str) -> Entry | None:
        """Give a file, None where there is none.

        Raises:
            SourceUnreadable: The server is not reached or refuses.
        """

        async def ask(files: asyncssh.SFTPClient) -> Entry | None:
            try:
                return _entry(name, await files.stat(self._path(name)))
            except asyncssh.SFTPNoSuchFile:
                return None

        return self._with(ask)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Give the files of a folder and whose name begins so, in order of name.

        Raises:
            SourceUnreadable: The server is not reached, refuses, or has too many files.
        """
        folder, _, start = prefix.rpartition("/")

        async def ask(files: asyncssh.SFTPClient) -> list[Entry]:
            found: list[Entry] = []
            async for one in files.scandir(self._path(folder)):
                name = str(one.filename)
                if one.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR and name.startswith(start):
                    found.append(_entry("/".join(filter(None, (folder, name))), one.attrs))
                if len(found) > MOST_ENTRIES:
                    raise SourceUnreadable("目录里的文件太多 (too many files)", fields={"path": f"> {MOST_ENTRIES}"})
            return found

        return iter(sorted(self._with(ask), key=lambda one: one.name))

    def fetch(self, entry: Entry, target: Path) -> None:
        """Bring a file to a local path; the bytes that stand there are not fetched again.

        Raises:
            SourceUnreadable: It changed meanwhile, or the way broke off; what was fetched stays for the next try.
            Unavailable: No room left here.
        """

        async def ask(files: asyncssh.SFTPClient) -> None:
            if _entry(entry.name, await files.stat(self._path(entry.name))) != entry:
                raise spill.changed(entry.name)
            have = spill.have(target)
            with spill.behind(target, have) as local:
                async with files.open(self._path(entry.name), "rb") as remote:
                    while have < entry.size:
                        piece: Any = await remote.read(min(PIECE, entry.size - have), have)
                        if not piece:
                            raise spill.changed(entry.name)
                        local.write(piece)
                        have += len(piece)

        self._with(ask)

    def put(self, local: Path, name: str) -> None:
        """Write a local file under another name, then rename it.

        Raises:
            SourceUnreadable: The server is not reached or refuses; nothing can be seen under the name.
        """

        async def ask(files: asyncssh.SFTPClient) -> None:
            final = self._path(name)
            await files.makedirs(str(PurePosixPath(final).parent), exist_ok=True)
            part = f"{final}.part-{secrets.token_hex(6)}"
            try:
                await files.put(str(local), part)
                await _rename(files, part, final)
            except BaseException:
                with suppress(*_FAULTS):
                    await files.remove(part)
                raise

        self._with(ask)

    def remove(self, name: str) -> None:
        """Remove a file; that there is none is well."""

        async def ask(files: asyncssh.SFTPClient) -> None:
            with suppress(asyncssh.SFTPNoSuchFile):
                await files.remove(self._path(name))

        self._with(ask)

    def probe(self) -> Trial:
        """Sign in and look into the folder."""
        seen: list[str] = []

        async def ask(files: asyncssh.SFTPClient) -> bool:
            async for one in files.scandir(self._path("")):
                if one.filename not in (".", ".."):
                    return True
            return False

        held = self._with(ask, seen.append)
        found, english = ("有文件", "it holds files") if held else ("目录为空", "it is empty")
        return Trial(f"已登录并打开目录，{found} (signed in and opened the folder; {english})", fingerprint=seen[0])

    def _path(self, name: str) -> str:
        return str(PurePosixPath(self.folder or ".") / name.lstrip("/"))

    def _with(
        self, ask: Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, T]], tell: Callable[[str], object] | None = None
    ) -> T:
        async def run() -> T:
            async with self._signed_in(tell) as files:
                return await ask(files)

        try:
            return asyncio.run(run())
        except _FAULTS as error:
            words, remedy = next((said for kind, said in _WORDS.items() if isinstance(error, kind)), _BROKEN)
            raise SourceUnreadable(words, fields={"connection": type(error).__name__}, remedy=remedy) from None

    @asynccontextmanager
    async def _signed_in(self, tell: Callable[[str], object] | None) -> AsyncIterator[asyncssh.SFTPClient]:
        address = guard.resolve(self.host, self.port, self.inside)
        client = _Client(self.fingerprint)
        by_key = "-----BEGIN" in self.secret
        secret = {"client_keys": [asyncssh.import_private_key(self.secret)]} if by_key else {"password": self.secret}
        connection, _ = await asyncssh.create_connection(
            lambda: client, address, self.port, username=self.account, known_hosts=b"", config=None, agent_path=None,
            client_host_keysign=False, host_based_auth=False, gss_host=None, connect_timeout=CONNECT, login_timeout=CONNECT,
            **({"client_keys": None} | secret),
        )  # fmt: skip
        async with connection:
            if tell is not None:
                tell(client.seen)
            async with connection.start_sftp_client() as files:
                yield files


async def _rename(files: asyncssh.SFTPClient, part: str, final: str) -> None:
    """Replace at once where the server can, else take the old one away first."""
    try:
        await files.posix_rename(part, final)
    except asyncssh.SFTPOpUnsupported:
        with suppress(asyncssh.SFTPNoSuchFile):
            await files.remove(final)
        await files.rename(part, final)


def _entry(name: str, attrs: asyncssh.SFTPAttrs) -> Entry:
    return Entry(name, attrs.size or 0, f"{attrs.mtime}.{attrs.mtime_ns or 0}")
