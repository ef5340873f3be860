# SPDX-License-Identifier: Apache-2.0
"""Object stores that speak S3, by path-style addresses.

Kept here: an object is read under the tag it was found with, so that pieces of two versions never meet; a large file is
written in parts that become an object all at once, and parts of a write that broke off are taken back.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from datong.crypto import s3_signing
from datong.crypto.s3_signing import Credential, encoded, path_of
from datong.engine.backends.remote import spill, web
from datong.engine.backends.remote.stores import Entry, Trial
from datong.engine.errors import SourceUnreadable
from datong.kernel.reach import Network

PART = 16 * 2**20
MOST_PARTS = 9_000
LARGEST_LISTING = 8 * 2**20
MOST_LISTINGS = 10_000


@dataclass(frozen=True, slots=True)
class S3Store:
    """A bucket, or a folder of one.

    Attributes:
        endpoint: https://host[:port], without the bucket.
        bucket: Its name.
        region: Such as us-east-1.
        access: Access key.
        secret: Secret key; never shown.
        prefix: Folder below which names are looked for.
        inside: Networks of this node's own that may be reached.
    """

    endpoint: str
    bucket: str
    region: str = "us-east-1"
    access: str = ""
    secret: str = field(default="", repr=False)
    prefix: str = ""
    inside: Sequence[Network] = ()

    @property
    def label(self) -> str:
        """Bucket and folder."""
        return "/".join(filter(None, (self.bucket, self.prefix.strip("/"))))

    def stat(self, name: str) -> Entry | None:
        """Give an object, None where there is none.

        Raises:
            SourceUnreadable: The store is not reached or refuses.
        """
        with web.session() as client, self._asked(client, "HEAD", self._key(name), taken={404}) as answer:
            if answer.status_code == 404:
                return None
            tag = answer.headers.get("etag", "").strip('"') or answer.headers.get("last-modified", "")
            return Entry(name, int(answer.headers.get("content-length", "0")), tag)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Give the objects whose name begins so, in order of name.

        Raises:
            SourceUnreadable: The store is not reached, refuses, or lists without end.
        """
        start, token, seen = self._key(""), "", set()
        with web.session() as client:
            for _ in range(MOST_LISTINGS):
                query = {"list-type": "2", "prefix": self._key(prefix)} | ({"continuation-token": token} if token else {})
                page = self._xml(client, query)
                for one in _all(page, "Contents"):
                    size, tag = int(_text(one, "Size") or 0), _text(one, "ETag").strip('"')
                    yield Entry(_text(one, "Key").removeprefix(start), size, tag)
                token = _text(page, "NextContinuationToken")
                if not token:
                    return
                if token in seen:
                    break
                seen.add(token)
        raise _strange("对象列表没有尽头 (the listing does not end)")

    def fetch(self, entry: Entry, target: Path) -> None:
        """Bring an object to a local path; the bytes that stand there are not fetched again.

        Raises:
            SourceUnreadable: It changed meanwhile, or the way broke off; what was fetched stays for the next try.
            Unavailable: No room left here.
        """
        have = spill.have(target)
        if have >= entry.size:
            return
        headers = {"range": f"bytes={have}-", "if-match": f'"{entry.version}"'}
        with web.session() as client, self._asked(client, "GET", self._key(entry.name), headers, {412}) as answer:
            if answer.status_code == 412:
                raise spill.changed(entry.name)
            have = have if answer.status_code == 206 else 0
            with spill.behind(target, have) as file:
                for piece in answer.iter_bytes():
                    have += len(piece)
                    if have > entry.size:
                        raise spill.changed(entry.name)
                    file.write(piece)

    @contextmanager
    def part(self, name: str, start: int, end: int) -> Iterator[httpx.Response]:
        """Open some bytes of an object, `end` not counted; they are read while the context lasts.

        Raises:
            SourceUnreadable: There is no such object, or the store is not reached or refuses.
        """
        headers = {"range": f"bytes={start}-{end - 1}"}
        with web.session() as client, self._asked(client, "GET", self._key(name), headers) as answer:
            if answer.status_code != 206:
                raise _strange("对象存储没有按范围应答 (the store does not answer ranges)")
            yield answer

    def put(self, local: Path, name: str) -> None:
        """Write a local file as an object: at once, or in parts that become one when all are there.

        Raises:
            SourceUnreadable: The store is not reached or refuses; nothing can be seen of the file.
        """
        size = local.stat().st_size
        with web.session() as client:
            if size <= PART:
                with self._asked(client, "PUT", self._key(name), content=local.read_bytes()):
                    return
            self._put_parts(client, local, self._key(name), max(PART, -(-size // MOST_PARTS)))

    def remove(self, name: str) -> None:
        """Remove an object; that there is none is well."""
        with web.session() as client, self._asked(client, "DELETE", self._key(name), taken={404}):
            return

    def probe(self) -> Trial:
        """List at most one object."""
        with web.session() as client:
            page = self._xml(client, {"list-type": "2", "max-keys": "1", "prefix": self._key("")})
        found = "有文件" if _all(page, "Contents") else "目录为空"
        english = "there are files" if _all(page, "Contents") else "the folder is empty"
        return Trial(f"已登录并列出存储桶，{found} (signed in and listed the bucket; {english})")

    def link(self, name: str, seconds: int) -> str:
        """Give a link by which anybody may read one object until it ends."""
        url = f"{self._bucket()}/{path_of(self._key(name))}"
        return s3_signing.presigned(self._credential(), "GET", url, seconds, datetime.now(UTC))

    def _put_parts(self, client: httpx.Client, local: Path, key: str, part: int) -> None:
        upload = _text(self._xml(client, {"uploads": ""}, key=key, method="POST"), "UploadId")
        try:
            tags: list[str] = []
            with local.open("rb") as file:
                while piece := file.read(part):
                    query = {"partNumber": str(len(tags) + 1), "uploadId": upload}
                    with self._asked(client, "PUT", key, query=query, content=piece) as answer:
                        tags.append(answer.headers.get("etag", ""))
            self._join(client, key, upload, tags)
        except BaseException:
            with suppress(SourceUnreadable):
                self._abort(client, key, upload)
            raise

    def _join(self, client: httpx.Client, key: str, upload: str, tags: Sequence[str]) -> None:
        rows = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in enumerate(tags, 1))
        said = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
        done = self._xml(client, {"uploadId": upload}, key=key, method="POST", content=said)
        if done.tag.rpartition("}")[2] == "Error":
            raise _strange("对象存储没有合并分块 (the parts were not put together)")

    def _abort(self, client: httpx.Client, key: str, upload: str) -> None:
        with self._asked(client, "DELETE", key, query={"uploadId": upload}, taken={404}):
            return

    def _xml(
        self, client: httpx.Client, query: Mapping[str, str], *, key: str = "", method: str = "GET", content: bytes = b""
    ) -> ET.Element:
        with self._asked(client, method, key, query=query, content=content) as answer:
            said = web.body(answer, LARGEST_LISTING)
        if b"<!DOCTYPE" in said or b"<!ENTITY" in said:
            raise _strange("应答不是对象存储的格式 (the answer is none of an object store)")
        try:
            return ET.fromstring(said)  # noqa: S314  bounded, and without entities
        except ET.ParseError:
            raise _strange("应答不是对象存储的格式 (the answer is none of an object store)") from None

    def _asked(
        self,
        client: httpx.Client,
        method: str,
        key: str,
        headers: Mapping[str, str] | None = None,
        taken: set[int] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Any:
        said, url = query or {}, f"{self._bucket()}/{path_of(key)}" if key else self._bucket()
        digest = hashlib.sha256(content).hexdigest()
        given = s3_signing.signed(self._credential(), method, url, said, digest, datetime.now(UTC))
        if content:
            given["content-md5"] = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        whole = f"{url}?{encoded(said)}" if said else url
        body = content if method in ("PUT", "POST") else None
        asked = web.Request(whole, {**given, **(headers or {})}, method, body, frozenset(taken or ()))
        return web.answered(client, asked, self.inside)

    def _bucket(self) -> str:
        return f"{self.endpoint.rstrip('/')}/{self.bucket}"

    def _key(self, name: str) -> str:
        folder = self.prefix.strip("/")
        return "/".join(filter(None, (folder, name.lstrip("/")))) if name else (f"{folder}/" if folder else "")

    def _credential(self) -> Credential:
        return Credential(self.access, self.secret, self.region)


def _all(page: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in page if one.tag.rpartition("}")[2] == name]


def _text(page: ET.Element, name: str) -> str:
    return next((one.text or "" for one in _all(page, name)), "")


def _strange(words: str) -> SourceUnreadable:
    return SourceUnreadable(words, fields={"connection": "S3"}, remedy="核对服务地址和存储桶 (check endpoint and bucket)")
