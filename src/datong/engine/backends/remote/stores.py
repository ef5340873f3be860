# SPDX-License-Identifier: Apache-2.0
"""Stores of files: what an object store and a file server both do, and the outcome of a trial."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a store.

    Attributes:
        name: Its path below the store's folder.
        size: Bytes.
        version: Changes whenever its content does: a tag or a time.
    """

    name: str
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial of a connection found.

    Attributes:
        words: For a person to read; never an address or a secret.
        passed: Whether the least thing the connection is for was done.
        fingerprint: Of the host's key (SFTP).
        milliseconds: How long it took there; None where it did not come to an end.
    """

    words: str
    passed: bool = True
    fingerprint: str = ""
    milliseconds: int | None = None


class Store(Protocol):
    """Files of another system. Names are paths below the folder the connection names."""

    @property
    def label(self) -> str:
        """Name to show and to keep with each row: never an address or a secret."""

    def stat(self, name: str) -> Entry | None:
        """Give a file, None where there is none."""

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Give the files whose name begins so, in order of name."""

    def fetch(self, entry: Entry, target: Path) -> None:
        """Bring a file to a local path; what stands there of it already is not fetched again."""

    def put(self, local: Path, name: str) -> None:
        """Write a local file to the store: whole, or nothing of it can be seen."""

    def remove(self, name: str) -> None:
        """Remove a file; that there is none is well."""

    def probe(self) -> Trial:
        """Sign in and look."""
