# SPDX-License-Identifier: Apache-2.0
"""The node's folder: one TOML file, the signing key and the places of data.

Kept here: the layout of a node on disk. Everything else asks this module where things are.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datong.kernel.addresses import Network, networks
from datong.kernel.errors import Malformed, Refused

FILE = "node.toml"
HOSTS = ("localhost", "127.0.0.1", "[::1]")
LOCAL = ("127.0.0.0/8", "::1")
MANUAL = "see docs/reference/settings.md"
KINDS: dict[str, type] = {"control_port": int, "gateway_port": int, "secure": bool}
NETWORKS = ("proxies", "certificate_proxies", "metrics")
KINDS |= dict.fromkeys(("hosts", *NETWORKS), list)
WORDS = {str: "a text", list: "a list of texts", bool: "true or false"}
PORTS = (1, 65_535)
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  addresses to bind to, which nobody can be led to
ADDRESSES = ("public_url", "gateway_url", "timestamp_url")
WHERE = "wanted an address such as https://data.example.gov.cn, without ? and #"
ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
PACES = (
    "grant_calls_per_second", "grant_burst", "grant_calls_at_once",
    "source_calls_per_second", "source_burst", "source_calls_at_once",
)  # fmt: skip
BOUNDS: dict[str, tuple[int, int]] = {
    "control_port": PORTS, "gateway_port": PORTS, "gateways": (1, 16), "evidence_warn_percent": (50, 99),
    "evidence_stop_percent": (51, 100), **dict.fromkeys(PACES, (0, 100_000)),
    "remind_days": (1, 10), "catalog_update_days": (1, 10),
    "catalog_extension_days": (1, 5), "catalog_review_days": (1, 2), "answer_days": (1, 10), "delivery_days": (1, 20),
    "demand_days": (1, 15),
    "lake_cache_gib": (1, 10_000), "lake_keep_days": (1, 365),
    "smallest_group": (10, 1_000),
    "disposal_days": (1, 365), "unused_days": (7, 730), "drift_hour": (0, 23), "drift_rows_percent": (1, 100),
    "keep_calls_years": (3, 50), "timestamp_hours": (1, 720),
    "fresh_realtime_days": (1, 7), "fresh_daily_days": (1, 7), "fresh_weekly_days": (7, 30), "fresh_monthly_days": (28, 90),
    "fresh_quarterly_days": (90, 180), "fresh_half_yearly_days": (180, 366), "fresh_yearly_days": (365, 730),
}  # fmt: skip
"""Numbers and what they may be; a statutory period may be shortened, never lengthened (Order 809 arts. 17, 21, 22)."""
CHOICES: dict[str, tuple[str, ...]] = {"completion_clock": ("restart", "pause")}
"""Texts that are one of a few."""
KINDS |= dict.fromkeys(BOUNDS, int)
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
        gateways: processes of the gateway, 1 to 16; they share gateway_port, and each has an evidence log of its own.
        grant_calls_per_second: calls a second of each grant whose provider gave no number of his own, 0 for any number.
        grant_burst: calls of such a grant that may come together after a rest; 0 for those of a second.
        grant_calls_at_once: calls under way at once of each grant whose provider gave no number, 0 for any number.
        source_calls_per_second: calls a second on each resource, of all grants together, 0 for any number.
        source_burst: calls on a resource that may come together after a rest; 0 for those of a second.
        source_calls_at_once: calls under way at once on each resource, of all grants together, 0 for any number.
        evidence_warn_percent: how full the disk of the evidence may be before doctor, /readyz and the log warn, 50 to 99.
        evidence_stop_percent: how full it may be before the gateway answers no more calls, 51 to 100: what cannot be recorded
            is not answered.
        secret_key: Django's secret; made at init, never shown.
        database_url: an outside PostgreSQL; empty means the embedded one.
        hosts: names under which browsers reach the node.
        proxies: networks of the proxies that stand before this node, such as 10.0.0.5: what X-Forwarded-For says of the caller's
            address is believed from these alone; default: none, the address of the connection counts.
        certificate_proxies: networks of those of them that end mutual TLS: what their header Client-Cert says of the caller's
            certificate is believed, so each has to set or remove it on every request; default: none, and no application can
            be bound to a certificate.
        metrics: networks, such as 10.0.0.7, from which /metrics of both servers may be read; default: this machine alone.
        secure: true when TLS ends before this node (secure cookies, HSTS).
        public_url: address under which everybody reaches the control plane, such as https://data.example.gov.cn: the URIs
            of the catalogue begin with it, so it should never change; default: made of host and control_port.
        gateway_url: address under which everybody reaches the gateway; default: the host of public_url and gateway_port.
        accel: internal location of the proxy, such as /inside, under which it finds the folder of this node: callers through
            one of `proxies` get files of tables from it (X-Accel-Redirect); default: the gateway sends them itself.
        lake_url: bucket of an object store that speaks S3, such as s3://datong/330000, in which tables and their derived files
            lie instead of the folder of this node; default: the folder. Before it is set, copy `lake` there as it is.
        lake_endpoint: address of that store, such as https://s3.example.gov.cn, without the bucket.
        lake_region: region of the bucket.
        lake_access: access key; its secret comes through DATONG_LAKE_SECRET.
        lake_links: address under which recipients reach the store themselves: files of resources shared unconditionally are
            then read there by links that end; default: the gateway sends every file.
        lake_cache_gib: GiB of what was read of the store that stay on this machine, 1 to 10000.
        lake_keep_days: days for which files that the newest version of a table no longer needs stay in the lake, 1 to 365.
        remind_days: working days before the end of a period at which its holder is reminded, 1 to 10.
        catalog_update_days: working days to update the catalogue after a change of law or duty, 1 to 10 (Order 809 art. 17:
            10); fewer than the law gives, never more.
        catalog_extension_days: working days the authority may add once, 1 to 5 (Order 809 art. 17: 5).
        catalog_review_days: working days of the authority to review and publish, 1 to 2 (Order 809 art. 17: 2).
        answer_days: working days of the provider to answer a conditional request, 1 to 10 (Order 809 art. 21: 10).
        delivery_days: working days from a positive answer to the first delivery, 1 to 20 (Order 809 art. 22: 20).
        demand_days: working days of a department to answer a demand the authority assigned to it, 1 to 15 (as 上海市数据条例
            art. 39: 15).
        completion_clock: what the period of the answer does while a request is back with its applicant to be completed
            (Order 809 art. 21 is silent): restart begins it anew, pause lets it go on where it stood.
        disposal_days: days after the end of a grant in which its consumer destroys the data, 1 to 365; a provider may set
            another day for a single one (Order 809 art. 27).
        smallest_group: fewest rows of a group that aggregate answers of the gateway tell, 10 to 1000; a grant may want more.
        unused_days: days without an answered call after which a grant is listed as unused, 7 to 730.
        keep_calls_years: years for which the evidence of calls is kept before it is removed by night, 3 to 50
            (Order 809 art. 29: 3 at least); acts are kept for ever.
        timestamp_url: address of a time-stamping authority (RFC 3161), such as https://tsa.example.gov.cn/tsr, that stamps a
            node checkpoint now and then; its roots belong into `evidence/tsa.pem`; default: nobody is asked.
        timestamp_hours: hours from one stamp to the next, 1 to 720.
        drift_hour: hour of the day, in Shanghai, at which the work of the night begins, 0 to 23: resources are compared with
            their sources, then (30, 40 and 45 minutes past) old files leave the lake, the search index is proved, and old
            evidence of calls goes.
        drift_rows_percent: by how much the rows of a source may differ from those landed before a case is opened, 1 to 100.
        fresh_realtime_days: how old data promised in real time may be, in days, 1 to 7.
        fresh_daily_days: how old data promised daily may be, in days, 1 to 7.
        fresh_weekly_days: how old data promised weekly may be, in days, 7 to 30.
        fresh_monthly_days: how old data promised monthly may be, in days, 28 to 90.
        fresh_quarterly_days: how old data promised quarterly may be, in days, 90 to 180.
        fresh_half_yearly_days: how old data promised half-yearly may be, in days, 180 to 366.
        fresh_yearly_days: how old data promised yearly may be, in days, 365 to 730.
    """

    code: str
    name: str
    role: str
    secret_key: str
    host: str = "127.0.0.1"
    control_port: int = 8700
    gateway_port: int = 8701
    gateways: int = 1
    grant_calls_per_second: int = 0
    grant_burst: int = 0
    grant_calls_at_once: int = 0
    source_calls_per_second: int = 0
    source_burst: int = 0
    source_calls_at_once: int = 0
    evidence_warn_percent: int = 80
    evidence_stop_percent: int = 98
    database_url: str = ""
    hosts: tuple[str, ...] = HOSTS
    proxies: tuple[str, ...] = ()
    certificate_proxies: tuple[str, ...] = ()
    metrics: tuple[str, ...] = LOCAL
    secure: bool = False
    public_url: str = ""
    gateway_url: str = ""
    accel: str = ""
    lake_url: str = ""
    lake_endpoint: str = ""
    lake_region: str = "us-east-1"
    lake_access: str = ""
    lake_links: str = ""
    lake_cache_gib: int = 50
    lake_keep_days: int = 7
    remind_days: int = 2
    catalog_update_days: int = 10
    catalog_extension_days: int = 5
    catalog_review_days: int = 2
    disposal_days: int = 30
    smallest_group: int = 10
    unused_days: int = 90
    answer_days: int = 10
    delivery_days: int = 20
    demand_days: int = 15
    completion_clock: str = "restart"
    keep_calls_years: int = 3
    timestamp_url: str = ""
    timestamp_hours: int = 24
    drift_hour: int = 2
    drift_rows_percent: int = 20
    fresh_realtime_days: int = 1
    fresh_daily_days: int = 2
    fresh_weekly_days: int = 9
    fresh_monthly_days: int = 35
    fresh_quarterly_days: int = 100
    fresh_half_yearly_days: int = 195
    fresh_yearly_days: int = 380

    def nightly(self, minute: int) -> str:
        """When work of the night is due, as the queue writes it: its clock is UTC, eight hours behind Shanghai."""
        return f"{minute} {(self.drift_hour - 8) % 24} * * *"

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        """Networks of the proxies that are believed."""
        return networks(self.proxies, field="proxies")

    @property
    def certificate_networks(self) -> tuple[Network, ...]:
        """Networks of the proxies that are believed about certificates."""
        return networks(self.certificate_proxies, field="certificate_proxies")

    @property
    def metrics_networks(self) -> tuple[Network, ...]:
        """Networks from which figures may be read."""
        return networks(self.metrics, field="metrics")

    @property
    def address(self) -> str:
        """Public address of the control plane, without a slash at the end."""
        return self.public_url.rstrip("/") or self._at(self.control_port)

    @property
    def gateway_address(self) -> str:
        """Public address of the gateway, without a slash at the end."""
        if self.gateway_url or not self.public_url:
            return self.gateway_url.rstrip("/") or self._at(self.gateway_port)
        known = urlsplit(self.public_url)
        host = f"[{known.hostname}]" if ":" in (known.hostname or "") else known.hostname
        return f"{known.scheme}://{host}:{self.gateway_port}"

    def _at(self, port: int) -> str:
        host = "localhost" if self.host in EVERYWHERE else self.host
        return f"{'https' if self.secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


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
    def kept(self) -> Path:
        """What was read of a lake that lies in an object store."""
        return self.path / "cache"

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

    @property
    def board(self) -> Path:
        """The file on which the gateways count together and give signs of life."""
        return self.run / "gateways.board"

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
        values |= {name: tuple(values[name]) for name in ("hosts", *NETWORKS) if name in values}
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
        low, high = BOUNDS.get(name, PORTS)
        if type(value) is not wanted or (isinstance(value, int) and wanted is int and not low <= value <= high):
            wrong[name] = f"wanted {WORDS.get(wanted, f'a number from {low} to {high}')}"
    wrong |= {name: f"wanted {' or '.join(some)}" for name, some in CHOICES.items() if values.get(name, some[0]) not in some}
    if not re.fullmatch("(/[A-Za-z0-9_-]+)*", str(values.get("accel", ""))):
        wrong["accel"] = "wanted a path such as /inside"
    lists = [name for name in NETWORKS if not _are_networks(values.get(name, []))]
    wrong |= dict.fromkeys(lists, "wanted a list of networks such as 10.0.0.5 or 10.0.0.0/24")
    given = {name: values[name] for name in ADDRESSES if values.get(name)}
    wrong |= {name: WHERE for name, text in given.items() if not ADDRESS.fullmatch(str(text))}
    if wrong:
        told = ", ".join(f"{name}: {why}" for name, why in sorted(wrong.items()))
        raise Malformed(f"{file}: {told}", fields=wrong, remedy=MANUAL)


def _are_networks(given: object) -> bool:
    try:
        return isinstance(given, list) and networks(map(str, given)) is not None
    except Malformed:
        return False


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
