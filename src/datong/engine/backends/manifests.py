# SPDX-License-Identifier: Apache-2.0
"""Manifests: what a derived table holds, so that whoever serves its files opens no table and lists no folder.

Kept here: what a version changed lies beside it, so that its history is told as long as it stands. Loads nothing but the
standard library.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datong.engine.errors import BackendFailed

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """A Parquet file of a derived table.

    Attributes:
        id: A name that says nothing and stays from version to version.
        path: In the folder; empty where it has no rows and was not written.
        size, rows: Its bytes and rows.
        made_of: Files of the lake it was made of; never shown.
    """

    id: str
    path: str
    size: int
    rows: int
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DerivedChange:
    """A Parquet file of what one commit changed: the columns of the table and `_change_type`; `timestamp` in ms."""

    id: str
    path: str
    size: int
    rows: int
    version: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived table.

    Attributes:
        version: Version of the lake table it was made of.
        digest: Of the policy.
        schema: Its columns as Spark's StructType in JSON, without comments.
        rows: Rows of all files.
        size: Bytes of all files.
        files: In the order of the rows.
        timestamp: When that version was committed, in milliseconds since 1970.
        before: The version before, after which `changes` tell everything; None where they were not kept.
        begins: Whether nothing of this policy was there before, so that all its rows count as inserted.
        changes: What changed since the version before, in order.
        at: Where in the object store of the lake its files lie; empty where they lie beside this manifest.
    """

    version: int
    digest: str
    schema: str
    rows: int
    size: int
    files: tuple[DerivedFile, ...]
    timestamp: int = 0
    before: int | None = None
    begins: bool = True
    changes: tuple[DerivedChange, ...] = ()
    at: str = ""

    @property
    def filled(self) -> tuple[DerivedFile, ...]:
        """The files that have rows."""
        return tuple(one for one in self.files if one.rows)


def derived(folder: Path) -> Derived | None:
    """Read the manifest of a derived table; None while it is not there.

    Raises:
        BackendFailed: It is there and damaged.
    """
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = tuple(DerivedFile(**{**one, "made_of": tuple(one.get("made_of", ()))}) for one in said["files"])
        changes = tuple(DerivedChange(**one) for one in said.get("changes", ()))
        return Derived(**{**said, "files": files, "changes": changes})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackendFailed("a derived table does not read", remedy="remove its folder: it is made anew") from error


def file_id(digest: str, name: str) -> str:
    """Name a file so that the name says nothing: 32 hexadecimal digits."""
    return hashlib.sha256(f"{digest}/{name}".encode()).hexdigest()[:32]


def versions(folder: Path, digest: str) -> list[int]:
    """Versions of the derived tables of a policy that are there whole, oldest first.

    Args:
        folder: Of the derived tables of a resource.
        digest: Of the policy.
    """
    found = (one.parent.name.partition("-") for one in folder.glob(f"*-{digest}/{MANIFEST}"))
    return sorted(int(version) for version, _, _ in found if version.isdecimal())
