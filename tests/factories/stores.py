# SPDX-License-Identifier: Apache-2.0
"""Systems of others that are no databases, all real: an object store (SeaweedFS), a file server (SFTP), an HTTP interface."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncssh
import httpx

from datong.engine import places
from datong.engine.backends.remote.s3 import S3Store
from datong.engine.backends.remote.sftp import SftpStore
from factories.listening import http_server, listening

LOOPBACK = (ip_network("127.0.0.0/8"),)
ACCESS, SECRET = "GOVKEY", "s3cret/Key+1"
ACCOUNT, PASSWORD = "gongxiang", "s3cret-Pass@1"
BUCKET = "gov-share"


@dataclass(frozen=True)
class Bucket:
    """A bucket of a running object store."""

    endpoint: str

    def store(self, prefix: str = "", **changed: Any) -> S3Store:
        """The bucket as the engine knows it; `changed` replaces what is said besides."""
        said = {"region": "us-east-1", "access": ACCESS, "secret": SECRET, "inside": LOOPBACK, "prefix": prefix}
        return S3Store(self.endpoint, BUCKET, **{**said, **changed})

    def lake(self, prefix: str = "", **changed: Any) -> places.Bucket:
        """The bucket as a lake lies in it; `changed` replaces what is said besides."""
        said = {"endpoint": self.endpoint, "name": BUCKET, "prefix": prefix, "access": ACCESS, "secret": SECRET}
        return places.Bucket(**{**said, **changed})


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """An object store on this machine with one empty bucket."""
    root = Path(tempfile.mkdtemp(prefix="datong-s3-"))
    rights = ["Admin", "Read", "Write", "List", "Tagging"]
    known = {"identities": [{"name": "gov", "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}], "actions": rights}]}
    (root / "keys.json").write_text(json.dumps(known))
    server, found = _started(root)
    try:
        yield found
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # asked politely it takes half a minute
        server.wait(30)
        shutil.rmtree(root, ignore_errors=True)


def _started(root: Path) -> tuple[subprocess.Popen[bytes], Bucket]:
    """Start the store; when another program takes one of its ports meanwhile, on others."""
    for _ in range(5):
        master, volume, filer, s3 = (_free_port() for _ in range(4))
        command = [
            str(Path(sys.executable).with_name("weed")), "server", f"-dir={root}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-s3", f"-s3.port={s3}",
            f"-s3.config={root}/keys.json", "-master.volumeSizeLimitMB=64", "-volume.max=20", "-master.telemetry=false",
            "-s3.autoCreateBucket=true",
        ]  # fmt: skip
        with (root / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        found = Bucket(f"http://127.0.0.1:{s3}")
        if _answers(found, server):
            return server, found
    raise AssertionError((root / "log").read_text(errors="replace")[-2000:])


def _answers(bucket: Bucket, server: subprocess.Popen[bytes]) -> bool:
    """Make the bucket as soon as the store takes it; false when the store ended before."""
    store, deadline = bucket.store(), time.monotonic() + 60
    while server.poll() is None:
        assert time.monotonic() < deadline, "the object store did not answer"
        try:
            with httpx.Client(trust_env=False) as client, store._asked(client, "PUT", ""):
                return True
        except Exception:  # noqa: BLE001  whatever it says while it starts
            time.sleep(0.1)
    return False


@dataclass
class FileServer:
    """A running file server: its folder on this machine, its port and its fingerprint."""

    root: Path
    port: int = 0
    fingerprint: str = ""
    account_key: str = field(default="", repr=False)

    def store(self, **changed: Any) -> SftpStore:
        """The server as the engine knows it."""
        said = {"secret": PASSWORD, "fingerprint": self.fingerprint, "folder": "/", "inside": LOOPBACK}
        return SftpStore("127.0.0.1", self.port, ACCOUNT, **{**said, **changed})


@contextmanager
def a_file_server(root: Path) -> Iterator[FileServer]:
    """A file server of one account, by password or key, whose folder is `root`."""
    key, theirs = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    found = FileServer(root, 0, key.get_fingerprint("sha256"), theirs.export_private_key().decode())
    ready, running = threading.Event(), {}

    class Door(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (ACCOUNT, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return username == ACCOUNT and key.public_data == theirs.public_data

    async def serve() -> None:
        over = asyncio.Event()
        running["end"] = partial(asyncio.get_running_loop().call_soon_threadsafe, over.set)
        held = await asyncssh.create_server(
            Door, "127.0.0.1", 0, server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        )  # fmt: skip
        found.port = held.get_port()
        ready.set()
        async with held:
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(60), "the file server did not start"
    try:
        yield found
    finally:
        running["end"]()
        thread.join(5)


@dataclass
class Interface:
    """A running interface: `answers` maps a path to what it says; `calls` keeps what was asked with which headers."""

    port: int = 0
    answers: dict[str, Callable[[dict[str, str]], Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def an_interface() -> Iterator[Interface]:
    """An HTTP server on this machine that answers in JSON, or with (status, headers, bytes)."""
    found = Interface()

    class Talk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.calls.append((self.path, dict(self.headers)))
            parts = urlsplit(self.path)
            answer = found.answers.get(parts.path, lambda _: (404, {}, b"{}"))({k: v[0] for k, v in parse_qs(parts.query).items()})
            status, headers, body = answer if isinstance(answer, tuple) else (200, {}, json.dumps(answer, ensure_ascii=False).encode())
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with listening(http_server(Talk)) as found.port:
        yield found


def _free_port() -> int:
    """A port whose number plus ten thousand is one too: the store listens there as well."""
    while True:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = int(taken.getsockname()[1])
        if port < 55_000:
            return port
