# SPDX-License-Identifier: Apache-2.0
"""What a gateway is told at its start: paths, keys and limits, as one frozen value.

Kept here: the gateway reads no environment and no settings; whoever starts it composes this.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from datong.engine.places import Bucket
from datong.kernel.addresses import Network, networks
from datong.wire import tallies

BOARD: Final = "gateways.board"
SPENT: Final = "assertions.sqlite"
LOCAL: Final = networks(("127.0.0.0/8", "::1"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one caller may send or get.

    Attributes:
        max_query: bytes of a query string.
        max_body: bytes of a request body.
        max_batch: questions of one batch.
        max_batch_body: bytes of the body of a batch.
        max_rows: rows of one answer, whatever the grant says.
        max_parts: parts of one composed call.
        max_composed_rows: rows that the parts of a composed call may ask for together.
        composed_seconds: how long the parts of a composed call that interfaces of providers answer may take together.
        aggregate_seconds: how long an aggregate may run.
        body_seconds: how long a body may take to arrive.
        tokens: access tokens remembered as checked.
        assertions: assertion ids remembered against replay.
    """

    max_query: int = 4_096
    max_body: int = 65_536
    max_batch: int = 10_000
    max_batch_body: int = 8_388_608
    max_rows: int = 1_000
    max_parts: int = 16
    max_composed_rows: int = 2_000
    composed_seconds: float = 10.0
    aggregate_seconds: float = 5.0
    body_seconds: float = 10.0
    tokens: int = 10_000
    assertions: int = 100_000


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One gateway of one node.

    Attributes:
        node_code: code of the node, the audience of client assertions.
        node_dir: folder of the node; indexes named by the policy lie in it.
        signing_key: private key (0600) that signs checkpoints.
        public_key: PEM file of the same key, which also verifies policies.
        dsn: PostgreSQL the policy is read from; None reads `policy_file` alone.
        policy_file: last policy seen, kept for a restart without PostgreSQL.
        evidence_dir: the log is kept in its sub-folder `log_name`.
        log_name: `gateway-` and the seat of this gateway among those of the node: each has a log of its own.
        token_ttl: seconds an access token lives.
        token_endpoints: URLs of the token endpoint as callers know it, accepted as audience beside the code. They are
            told and never taken from a request's Host, or an assertion meant for another node would pass here.
        alone: whether this is the node's only gateway, which need not hold the board still.
        public_url: address under which callers reach this gateway, of which addresses of files are made; told like
            `token_endpoints`. Empty gives no table out.
        proxies: networks of the proxies before this gateway; X-Forwarded-For is believed from these alone.
        certifiers: networks of those proxies that end mutual TLS; Client-Cert is believed from these alone.
        accel: internal location of those proxies under which they find the files of `node_dir`; empty sends files from here.
        networks: networks of the node's own in which interfaces of providers may be reached.
        evidence_warn: how full the disk of the evidence may be before it is warned, from 0 to 1.
        evidence_stop: how full it may be before no call is answered, from 0 to 1.
        lake: bucket in which files of tables lie; None where they lie in `node_dir`.
        poll_seconds: look for a new policy at least this often, were a notification lost.
        metrics: networks in which /metrics is answered; of this machine alone where nothing else is said.
    """

    node_code: str
    node_dir: Path
    signing_key: Path
    public_key: Path
    policy_file: Path
    evidence_dir: Path
    dsn: str | None = None
    token_ttl: int = 300
    token_endpoints: tuple[str, ...] = ()
    log_name: str = "gateway-0"
    alone: bool = False
    public_url: str = ""
    proxies: tuple[Network, ...] = ()
    certifiers: tuple[Network, ...] = ()
    accel: str = ""
    lake: Bucket | None = None
    networks: tuple[Network, ...] = ()
    evidence_warn: float = 0.80
    evidence_stop: float = 0.98
    poll_seconds: float = 2.0
    metrics: tuple[Network, ...] = LOCAL
    limits: Limits = field(default_factory=Limits)

    @property
    def seat(self) -> int:
        """Which one of the node's gateways this is."""
        return int(self.log_name.rpartition("-")[2])

    @property
    def board(self) -> Path:
        """The file that all gateways of the node share."""
        return self.policy_file.parent / BOARD

    @property
    def tally(self) -> Path:
        """The tally of this gateway."""
        return self.policy_file.parent / tallies.name_of(self.seat)

    @property
    def spent(self) -> Path:
        """The assertions that were used, at whichever gateway."""
        return self.policy_file.parent / SPENT
