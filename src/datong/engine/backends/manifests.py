# SPDX-License-Identifier: Apache-2.0
"""Manifests: what a derived table holds, so that whoever serves its files opens no table and lists no folder.

Loads nothing but the standard library.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datong.engine.errors import BackendFailed

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class DerivedFile:
    """A Parquet file of a derived table: a name that says nothing, its path in the folder, its bytes and rows."""

    id: str
    path: str
    size: int
    rows: int


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
    """

    version: int
    digest: str
    schema: str
    rows: int
    size: int
    files: tuple[DerivedFile, ...]


def derived(folder: Path) -> Derived | None:
    """Read the manifest of a derived table; None while it is not there.

    Raises:
        BackendFailed: It is there and damaged.
    """
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Derived(**{**said, "files": tuple(DerivedFile(**one) for one in said["files"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackendFailed("a derived table does not read", remedy="remove its folder: it is made anew") from error
