# SPDX-License-Identifier: Apache-2.0
"""The policy snapshot: everything a gateway must know to answer, as one signed and versioned document.

Kept here: the control plane writes it, gateways only read it (DESIGN section 4); the version only grows; past
`not_after` a gateway answers nothing. The document is one line of JSON naming the format, key and signature, then the
policy itself as JSON: the signature covers the policy's bytes as they stand, so nothing is re-serialised to check it.
A reader refuses a format it does not know, for an unknown field may be a restriction.
"""

from typing import Literal

import msgspec

from datong.crypto.signing import Signer, Verifier
from datong.kernel.addresses import networks
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType
from datong.wire import envelopes
from datong.wire.instants import instant

CHANNEL = "datong_policy"
TABLE = "exchange_policysnapshot"
FORMAT = "datong-policy/4"
LONGEST_WAIT = 30
"""Seconds a provider's interface may take, at most."""
LONGEST_CACHE = 300
"""Seconds its answers may be kept, at most."""

Stage = Literal["active", "suspended", "revoked", "expired", "terminated", "superseded", "disposed"]
DeliveryMode = Literal["", "full", "incremental"]
Operator = Literal["eq", "in", "prefix", "from", "until", "case"]


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A registered application of a department: who signs the assertions (RFC 7523), by Ed25519 or SM2.

    While its key is being replaced, `former_key` is good as well, until `former_ends`. It calls from `networks` alone,
    from any where there are none; where `signed` stands, each call carries its signature (RFC 9421). Where there are
    `certificates`, thumbprints as RFC 8705 writes them, it connects with one of these alone.
    """

    client_id: str
    name: str
    department: str
    public_key: str
    active: bool = True
    former_key: str = ""
    former_ends: str = ""
    networks: list[str] = []
    signed: bool = False
    certificates: list[str] = []


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One information item of a resource: field, Chinese name, type letter (1272), level (GB/T 43697)."""

    field: str
    name: str
    type: str
    level: str = ""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast calls may come: so many a second, so many together after a rest, so many under way; 0 is any number.

    A burst of 0 is what a second allows.
    """

    per_second: int = 0
    burst: int = 0
    at_once: int = 0

    @property
    def limits(self) -> bool:
        """Whether it limits anything."""
        return bool(self.per_second or self.at_once)

    @property
    def most(self) -> int:
        """Calls that may come together after a rest."""
        return self.burst or self.per_second


class UpstreamParameter(msgspec.Struct, frozen=True, kw_only=True):
    """An item given to a provider's interface: under which name, in which place, and whether it cannot do without."""

    item: str
    name: str
    place: Literal["path", "query", "body"] = "query"
    needed: bool = True


class UpstreamMember(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item stands in a row of the answer (a member, or a JSON pointer), and how far it may go there."""

    item: str
    name: str
    length: int | None = None
    precision: int | None = None
    nullable: bool = True


class UpstreamPaging(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider's interface hands out its rows: by the number of a page, of a row, by a cursor, or by links."""

    paging: Literal["page", "offset", "cursor", "next"]
    page_parameter: str = ""
    first_page: int = 1
    size_parameter: str = ""
    page_size: int = 0
    cursor_parameter: str = ""
    next: str = ""


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's own interface that answers for a resource (接口代理).

    `sealed` is the secret of the connection as the control plane keeps it (`datong.crypto.sealing`), in base64: a policy
    is signed and no secret, so only who holds the node's key opens it. `timeout` and `cache` are seconds; `repeatable`
    says that a POST only reads, so it may be tried again; `absent` that HTTP 404 means no such record;
    without `paging` it gives all rows at once.
    """

    connection: str
    base: str
    signing: Literal["none", "basic", "bearer", "header"] = "none"
    account: str = ""
    header: str = ""
    sealed: str = ""
    method: Literal["GET", "POST"] = "GET"
    path: str
    parameters: list[UpstreamParameter]
    members: list[UpstreamMember]
    rows: str = ""
    single: bool = False
    absent: bool = False
    repeatable: bool = False
    timeout: int = 5
    cache: int = 0
    paging: UpstreamPaging | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A published resource; `index` is the serving index relative to the node folder, empty while nothing landed.

    Where `upstream` stands, the provider's own interface answers and no index does. `pace` is what its source bears, of all
    grants on it together. `unconditional` tells that it and all its items are shared unconditionally (Order 809 art. 20):
    files of its tables may be read by links of the object store, which nobody looks up again. `provider` is the unified
    social credit code of whose it is.
    """

    code: str
    name: str
    version: int
    provider: str = ""
    index: str = ""
    rows: int = 0
    items: list[Item]
    keys: list[str] = []
    queries: list[str] = []
    pace: Pace = Pace()
    upstream: Upstream | None = None
    unconditional: bool = False


class GrantItem(msgspec.Struct, frozen=True, kw_only=True):
    """A granted item and its mask: `none`, or the text of a kernel Mask such as `partial:3:4`."""

    field: str
    mask: str = "none"


class RowRule(msgspec.Struct, frozen=True, kw_only=True):
    """A condition every row must meet; several rules all hold together.

    `from` and `until` hold one day (both count, in Shanghai); `case` holds nothing: the item equals the case number of
    the call, which every call under such a grant must give.
    """

    field: str
    op: Operator
    values: list[str]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token that reads the table of a grant: its hash, from which networks alone (any where none), until when.

    The addresses of files it got are looked up by the same entry: they come from these networks and end with it too.
    """

    token_hash: str
    networks: list[str] = []
    ends: str = ""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Who follows the changes of a grant: its number, stage, and the cursor after which it begins."""

    number: str
    stage: Literal["active", "paused", "ended"] = "active"
    start: str = ""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One grant to one client: what may leave, for what purpose, through which channels, until when.

    `table` is the folder of its derived table relative to the node folder, empty while there is none; `events` that of its
    change events, which `subscriptions` follow; `recipients` are the bearer tokens that read it. Only where `delivery_mode`
    is incremental may they look back: at earlier versions since the grant began, and at what changed. Aggregates tell no
    group of fewer rows than `smallest_group`.
    """

    number: str
    resource: str
    client_id: str
    department: str
    channels: list[str]
    items: list[GrantItem]
    rows: list[RowRule] = []
    purpose: str = ""
    require_purpose: bool = False
    require_case: bool = False
    quota_per_day: int | None = None
    pace: Pace = Pace()
    max_rows: int = 100
    smallest_group: int = 10
    not_before: str
    not_after: str
    stage: Stage = "active"
    table: str = ""
    delivery_mode: DeliveryMode = ""
    events: str = ""
    subscriptions: list[Subscription] = []
    recipients: list[Recipient] = []

    @property
    def by_case(self) -> bool:
        """Whether each call names the case it is made for: it is wanted, or rows are given by it alone."""
        return self.require_case or any(rule.op == "case" for rule in self.rows)

    def term(self) -> tuple[float, float]:
        """Give the instant from which it holds, and the first at which it holds no longer.

        Raises:
            Malformed: One of them does not read.
        """
        return instant(self.not_before, field="not_before"), instant(self.not_after, field="not_after", closing=True)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The whole snapshot of one node."""

    node: str
    version: int
    issued_at: str
    not_after: str
    clients: list[Client] = []
    resources: list[Resource] = []
    grants: list[Grant] = []


class _Head(msgspec.Struct, frozen=True):
    format: str
    algorithm: str
    key_id: str
    signature: str


_policies = msgspec.json.Decoder(Policy)
_heads = msgspec.json.Decoder(_Head)


def encode(policy: Policy, signer: Signer) -> bytes:
    """Write and sign a policy.

    Raises:
        Malformed: a field a gateway would refuse on reading.
    """
    _check(policy)
    body = msgspec.json.encode(policy)
    head = _Head(FORMAT, signer.algorithm, signer.key_id, envelopes.sign(FORMAT, body, signer))
    return msgspec.json.encode(head) + b"\n" + body


def decode(document: bytes, verifier: Verifier) -> Policy:
    """Read a policy whose signature holds.

    Raises:
        Malformed: not a policy document of this format, or a field out of order.
        BadSignature: not signed by this key.
    """
    line, _, body = document.partition(b"\n")
    try:
        head = _heads.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed("not a policy document", remedy="ask the control plane for a new snapshot") from error
    if head.format != FORMAT:
        raise Malformed(f"policy format {head.format[:40]!r} is unknown here", remedy="upgrade this gateway")
    envelopes.check(FORMAT, body, head.signature, head.key_id, verifier)
    try:
        policy = _policies.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Malformed(f"the policy does not read: {error}") from error
    _check(policy)
    return policy


def _check(policy: Policy) -> None:
    instant(policy.issued_at, field="issued_at")
    instant(policy.not_after, field="not_after")
    for client in policy.clients:
        networks(client.networks)
        if client.former_key:
            instant(client.former_ends, field="former_ends")
    for resource in policy.resources:
        if _outside(resource.index):
            raise Malformed(f"resource {resource.code} has an index outside the node", fields={"index": "outside"})
        _check_pace(f"resource {resource.code}", resource.pace)
        strange = {item.field: item.type for item in resource.items if item.type not in set(ItemType)}
        if strange:
            raise Malformed(f"resource {resource.code} has items of no known type", fields=strange)
        _check_upstream(resource)
    for grant in policy.grants:
        _check_grant(grant)


def _check_upstream(resource: Resource) -> None:
    """An interface stands alone, answers for every item, and keeps to its times."""
    upstream = resource.upstream
    if upstream is None:
        return
    items = [one.field for one in resource.items]
    sound = (
        not resource.index
        and [one.item for one in upstream.members] == items
        and {one.item for one in upstream.parameters} <= set(items)
        and upstream.base.startswith(("https://", "http://"))
        and 1 <= upstream.timeout <= LONGEST_WAIT
        and 0 <= upstream.cache <= LONGEST_CACHE
    )
    if not sound:
        raise Malformed(f"resource {resource.code} has an interface that does not fit it", fields={"upstream": "misfit"})


def _check_grant(grant: Grant) -> None:
    if _outside(grant.table) or _outside(grant.events):
        raise Malformed(f"grant {grant.number} has a table outside the node", fields={"table": "outside"})
    grant.term()
    for item in grant.items:
        Mask.parse(item.mask)
    for recipient in grant.recipients:
        networks(recipient.networks)
        if recipient.ends:
            instant(recipient.ends, field="ends")
    if grant.smallest_group < 1:
        raise Malformed(f"grant {grant.number} tells groups of nobody", fields={"smallest_group": "at least 1"})
    if grant.max_rows < 1 or (grant.quota_per_day is not None and grant.quota_per_day < 0):
        raise Malformed(f"grant {grant.number} has a limit below nothing", fields={"max_rows": "at least 1"})
    _check_pace(f"grant {grant.number}", grant.pace)


def _check_pace(of: str, pace: Pace) -> None:
    if min(pace.per_second, pace.burst, pace.at_once) < 0 or (pace.burst and not pace.per_second):
        raise Malformed(f"{of} has a limit below nothing", fields={"pace": "0 or more; a burst wants a rate"})


def _outside(path: str) -> bool:
    return path.startswith(("/", "\\")) or ".." in path.replace("\\", "/").split("/") or "\0" in path
