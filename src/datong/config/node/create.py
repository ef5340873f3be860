# SPDX-License-Identifier: Apache-2.0
"""Make a node: folder, signing key, settings file.

Kept here: the settings file is written last, so a folder with it is a whole node; a key that exists is never replaced.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from datong.config.node import ports
from datong.config.node.folder import HOSTS, ROLES, NodeConfig, NodeFolder
from datong.crypto import keys
from datong.crypto.signing import ED25519, SM2
from datong.kernel.errors import Conflict, Malformed, Refused
from datong.kernel.identifiers import check_region, check_uscc

CONTROL, GATEWAY = 8700, 8701
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who makes a node asks for; None lets the program choose."""

    code: str
    name: str
    role: str
    host: str = HOST
    control_port: int | None = None
    gateway_port: int | None = None
    database_url: str = ""
    hosts: tuple[str, ...] = ()
    secure: bool = False
    signature: str = ED25519


def create(folder: Path, wishes: Wishes) -> tuple[NodeFolder, NodeConfig]:
    """Make a node in a new or empty folder.

    Raises:
        Conflict: there is a node in it already.
        Malformed: code, name, role or a port is not what it must be.
        Refused: the folder holds other things, or cannot be written.
    """
    place = NodeFolder(folder.resolve())
    if "%" in str(place.path):  # Delta tables read it as the beginning of an encoded character
        raise Malformed(f"{place.path} holds a percent sign", fields={"folder": "no %"}, remedy="choose another folder")
    config = _config(wishes)
    if place.file.exists():
        raise Conflict(f"there is a node in {place.path}", remedy=f"datong node up {place.path}, or choose another folder")
    try:
        _make_folders(place)
        (place.evidence / "node.pub").write_bytes(_signer(place, wishes.signature))
        place.write(config)
    except OSError as error:
        raise Refused(f"{place.path} cannot be written: {error.strerror}", remedy="choose another folder") from None
    return place, config


def _config(wishes: Wishes) -> NodeConfig:
    if wishes.role not in ROLES:
        raise Malformed(f"no such role: {wishes.role}", fields={"role": f"one of {', '.join(ROLES)}"})
    if wishes.signature not in (ED25519, SM2):
        raise Malformed(f"no such signature: {wishes.signature}", fields={"signature": f"{ED25519} or {SM2}"})
    _check_code(wishes.code, wishes.role)
    control = wishes.control_port or ports.free_from(wishes.host, CONTROL)
    gateway = wishes.gateway_port or ports.free_from(wishes.host, GATEWAY, frozenset({control}))
    if control == gateway:
        raise Malformed("both servers cannot use one port", fields={"gateway_port": f"not {control}"})
    hosts = wishes.hosts or HOSTS
    if wishes.host not in {HOST, "0.0.0.0", "::", "localhost", *hosts}:  # noqa: S104
        hosts = (*hosts, wishes.host)
    return NodeConfig(
        code=wishes.code, name=_clean(wishes.name), role=wishes.role, secret_key=secrets.token_urlsafe(48),
        host=wishes.host, control_port=control, gateway_port=gateway, database_url=wishes.database_url, hosts=hosts,
        secure=wishes.secure,
    )  # fmt: skip


def _check_code(code: str, role: str) -> None:
    """A ministry is known by its unified social credit code or a division code, all others by their division."""
    if role == "ministry" and len(code) > 6:
        check_uscc(code)
    else:
        check_region(code)


def _clean(name: str) -> str:
    text = name.strip()
    if not 0 < len(text) <= 100 or any(unicodedata.category(sign).startswith("C") for sign in text):
        raise Malformed("the node needs a name", fields={"name": "1 to 100 printable characters"})
    return text


def _make_folders(place: NodeFolder) -> None:
    """Close the folder to other users; root leaves the way open for the system user of PostgreSQL, for passing only."""
    place.path.mkdir(parents=True, exist_ok=True)
    strangers = {one.name for one in place.path.iterdir()} - {one.name for one in place.places()} - {place.key.name}
    if strangers:
        raise Refused(f"{place.path} is not empty: {', '.join(sorted(strangers)[:3])}", remedy="choose a new or an empty folder")
    passing = 0o711 if os.geteuid() == 0 else 0o700
    place.path.chmod(passing)
    for folder in place.places():
        folder.mkdir(exist_ok=True)
        folder.chmod(passing if folder == place.run else 0o700)


def _signer(place: NodeFolder, algorithm: str) -> bytes:
    with contextlib.suppress(Conflict):
        return keys.generate(place.key, algorithm).public_pem()
    return keys.load_signer(place.key).public_pem()
