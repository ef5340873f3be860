# SPDX-License-Identifier: Apache-2.0
"""Where a table of the lake lies: in a folder of this machine, or in a bucket of an object store.

Kept here: both are told by one value, so nobody else asks which it is; a table in a store has a folder here as well, in
which its files are kept once they were read, for a file of a Delta table never changes. The secret is never shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

TRIES = 5
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an object store that speaks S3, or a folder of one.

    Attributes:
        endpoint: https://host[:port], without the bucket.
        name: Of the bucket.
        prefix: Folder below which everything of this node lies.
        region: Such as us-east-1.
        access: Access key.
        secret: Secret key; never shown.
        links: Address of the same store as recipients reach it; empty where none of them does.
    """

    endpoint: str
    name: str
    prefix: str = ""
    region: str = "us-east-1"
    access: str = ""
    secret: str = field(default="", repr=False)
    links: str = ""

    @property
    def options(self) -> Mapping[str, str]:
        """The bucket as writers of Delta tables want it told; a commit is put where none is, or refused by the store."""
        return {
            "aws_access_key_id": self.access,
            "aws_secret_access_key": self.secret,
            "aws_region": self.region,
            "aws_endpoint_url": self.endpoint,
            "aws_virtual_hosted_style_request": "false",
            "aws_conditional_put": "etag",
            "allow_http": str(self.endpoint.startswith("http://")).lower(),
            "max_retries": str(TRIES),
            "retry_timeout": f"{SECONDS}s",
        }


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder of a bucket, and the folder of this machine that keeps what was read of it.

    It is named, and has a neighbour and a folder above to work in, as a `Path` has.

    Attributes:
        bucket: Where it lies.
        key: Its path below the prefix of the bucket.
        kept: The folder here.
    """

    bucket: Bucket
    key: str
    kept: Path

    @property
    def name(self) -> str:
        """Its own name."""
        return self.kept.name

    @property
    def parent(self) -> Path:
        """The folder here in which to work on it."""
        return self.kept.parent

    @property
    def url(self) -> str:
        """Its address, such as s3://bucket/prefix/lake/name."""
        return "/".join(filter(None, (f"s3://{self.bucket.name}", self.bucket.prefix.strip("/"), self.key)))

    def with_name(self, name: str) -> "Remote":
        """Give its neighbour of a name."""
        return Remote(self.bucket, f"{self.key.rpartition('/')[0]}/{name}".lstrip("/"), self.kept.with_name(name))


Place: TypeAlias = Path | Remote
"""Where a table lies."""


def table(folder: Path, kept: Path, bucket: Bucket | None, name: str) -> Place:
    """Give the place of a table of the lake.

    Args:
        folder: Of the lake, were it on this machine.
        kept: Folder in which what was read of a store is kept.
        bucket: The store; None where the lake is on this machine.
        name: Of the table.
    """
    return folder / name if bucket is None else Remote(bucket, f"{folder.name}/{name}", kept / name)
