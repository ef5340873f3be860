# SPDX-License-Identifier: Apache-2.0
"""The node's folder: one TOML file, the signing key and the places of data.

Kept here: the layout of a node on disk. Everything else asks this module where things are.
"""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from datong.kernel.errors import Malformed, Refused

FILE = "node.toml"
HOSTS = ("localhost", "127.0.0.1", "[::1]")
MANUAL = "see docs/reference/settings.md"
KINDS: dict[str, type] = {"control_port": int, "gateway_port": int, "hosts": list, "secure": bool}
WORDS = {str: "a text", int: "a number from 1 to 65535", list: "a list of texts", bool: "true or false"}
ROLES = {"national": "国家", "provincial": "省级", "municipal": "市级", "county": "县级", "ministry": "部门"}


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """What a node is and where it listens.

    Attributes:
        code: six-digit region code, or the ministry's code (GB/T 2260).
        name: what people call the node.
        role: national, provincial, municipal, county or ministry.
        host: address both servers bind to.
        control_port: port of pages and the control-plane API.
        gateway_port: port of the data plane.
        secret_key: Django's secret; made at init, never shown.
        database_url: an outside PostgreSQL; empty means the embedded one.
        hosts: names under which browsers reach the node.
        secure: true when TLS ends before this node (secure cookies, HSTS).
    """

    code: str
    name: str
    role: str
    secret_key: str
    host: str = "127.0.0.1"
    control_port: int = 8700
    gateway_port: int = 8701
    database_url: str = ""
    hosts: tuple[str, ...] = HOSTS
    secure: bool = False


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """The folder of a node and the paths inside it."""

    path: Path

    @property
    def file(self) -> Path:
        """The one settings file."""
        return self.path / FILE

    @property
    def key(self) -> Path:
        """The node's signing key (0600)."""
        return self.path / "node.key"

    @property
    def postgres(self) -> Path:
        """Data of the embedded PostgreSQL."""
        return self.path / "pg"

    @property
    def lake(self) -> Path:
        """Delta tables, one folder per resource."""
        return self.path / "lake"

    @property
    def serving(self) -> Path:
        """Serving indexes of the gateway."""
        return self.path / "serving"

    @property
    def uploads(self) -> Path:
        """Files handed in for landing."""
        return self.path / "uploads"

    @property
    def evidence(self) -> Path:
        """Evidence logs, and `node.pub` that verifies them."""
        return self.path / "evidence"

    @property
    def log(self) -> Path:
        """Log files of the processes."""
        return self.path / "log"

    @property
    def run(self) -> Path:
        """State of the running node: process ids, policy file."""
        return self.path / "run"

    @property
    def policy(self) -> Path:
        """The gateway's copy of the policy snapshot."""
        return self.run / "policy.json"

    def places(self) -> tuple[Path, ...]:
        """Every folder that `node init` makes, the embedded PostgreSQL's aside."""
        return (self.lake, self.serving, self.uploads, self.evidence, self.log, self.run)

    def read(self) -> NodeConfig:
        """Read `node.toml`.

        Raises:
            Malformed: the folder holds no node, or a key in the file is unknown or missing.
        """
        try:
            values = tomllib.loads(self.file.read_text("utf-8"))
        except FileNotFoundError:
            remedy = f"datong node init {self.path} --code … --name …"
            raise Malformed(f"{self.path} holds no node", remedy=remedy) from None
        except PermissionError:
            raise Refused(f"{self.file} may not be read", remedy="run as the user that made the node") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise Malformed(f"{self.file} is not valid TOML: {broken}", remedy=MANUAL) from None
        _check(values, self.file)
        if "hosts" in values:
            values["hosts"] = tuple(values["hosts"])
        return NodeConfig(**values)

    def write(self, config: NodeConfig) -> None:
        """Write `node.toml` (0600: it holds the secret key)."""
        lines = ["# A node of Datong. Every key is explained in docs/reference/settings.md", ""]
        lines += [f"{key} = {_toml(value)}" for key, value in asdict(config).items()]
        self.file.touch(mode=0o600)
        self.file.write_text("\n".join(lines) + "\n", "utf-8")


def _check(values: dict[str, Any], file: Path) -> None:
    """Check names and types of the settings.

    Raises:
        Malformed: naming every key at fault.
    """
    wrong: dict[str, str] = {}
    known = {one.name: one for one in fields(NodeConfig)}
    wrong |= dict.fromkeys(values.keys() - known, "unknown")
    wrong |= {name: "missing" for name, one in known.items() if name not in values and one.default is MISSING}
    for name in values.keys() & known:
        value, wanted = values[name], KINDS.get(name, str)
        if type(value) is not wanted or (isinstance(value, int) and wanted is int and not 0 < value < 65_536):
            wrong[name] = f"wanted {WORDS[wanted]}"
    if wrong:
        told = ", ".join(f"{name}: {why}" for name, why in sorted(wrong.items()))
        raise Malformed(f"{file}: {told}", fields=wrong, remedy=MANUAL)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
