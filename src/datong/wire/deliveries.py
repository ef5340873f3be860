# SPDX-License-Identifier: Apache-2.0
"""Delivered files: what lies in the folder of a delivery, and addresses that sign themselves and end.

Kept here: an address names application, resource, grant, delivery and file, and is good until its end; whether the grant
still stands is looked up at each read, so an address cannot outlive it. The manifest says what each file holds, so that
whoever serves a file lists no folder.
"""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

FOLDER: Final = "deliveries"
MANIFEST: Final = "manifest.json"
PREFIX: Final = "/v1/deliveries/"
SECRET: Final = "delivered files"  # noqa: S105  what the key is derived for
LONGEST_LIFE: Final = 30 * 24 * 3600


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file: bytes, rows, digests in hexadecimal."""

    name: str
    size: int
    rows: int = 0
    sha256: str
    sm3: str
    kind: str = "application/octet-stream"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery holds: of which version of the data, which columns, which files."""

    delivery: str
    grant: str
    resource: str
    version: int
    rows: int
    columns: list[dict[str, str]]
    files: list[File]

    def file(self, name: str) -> File | None:
        """Find a file by its name."""
        return next((one for one in self.files if one.name == name), None)


def encode(manifest: Manifest) -> bytes:
    """Write a manifest as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read(folder: Path) -> Manifest | None:
    """Read the manifest of a delivery's folder; None where there is none that reads."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """What an address names."""

    client: str
    resource: str
    grant: str
    delivery: str
    file: str

    @property
    def path(self) -> str:
        """Path of the address."""
        parts = (self.client, *self.resource.split("/", 1), self.grant, self.delivery, self.file)
        return PREFIX + "/".join(quote(part, safe="") for part in parts)


def place_of(parts: list[str]) -> Place | None:
    """Read the unquoted parts behind the prefix; None where they name nothing."""
    if len(parts) != len(("client", "head", "sequence", "grant", "delivery", "file")) or not all(parts):
        return None
    client, head, sequence, grant, delivery, file = parts
    plain = all(part not in (".", "..") and "/" not in part and "\0" not in part for part in (delivery, file))
    return Place(client, f"{head}/{sequence}", grant, delivery, file) if plain else None


def address(secret: bytes, base: str, place: Place, ends: int) -> str:
    """Give the address of a file.

    Args:
        secret: Key of the addresses.
        base: Under which callers reach the gateway.
        place: What it names.
        ends: Seconds since 1970.
    """
    return f"{base}{place.path}?ends={ends}&signature={_sign(secret, place.path, ends)}"


def is_signed(secret: bytes, path: str, ends: str, signature: str, now: float) -> bool:
    """Tell whether an address was made here and has not ended."""
    if not (ends.isascii() and ends.isdigit() and len(ends) <= len(str(2**40)) and signature.isascii()):
        return False
    return hmac.compare_digest(_sign(secret, path, int(ends)), signature) and now < int(ends)


def _sign(secret: bytes, path: str, ends: int) -> str:
    return hmac.new(secret, f"{path}\n{ends}".encode(), hashlib.sha256).hexdigest()
