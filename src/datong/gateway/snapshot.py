# SPDX-License-Identifier: Apache-2.0
"""A policy laid out for look-up: who asks for what meets the grants that may answer.

Kept here: a snapshot never changes; a new policy is a new snapshot put in its place at once, so that a call sees one
policy from its start to its end. A grant counts only for the client and the department it was given to.
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from hashlib import sha256
from math import inf
from typing import Any

from datong.gateway.refusals import AddressNotAllowed
from datong.kernel.addresses import Network, inside, networks
from datong.wire.delta_sharing.profile import mark
from datong.wire.instants import instant
from datong.wire.policy import Client, Grant, Policy, Recipient, Resource, Subscription


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A grant with its resource, its times as seconds since 1970, and the fields it grants.

    Attributes:
        made: What rooms made of it once, each under itself; it goes with the policy.
    """

    grant: Grant
    resource: Resource
    opens: float
    closes: float
    fields: list[str] = dataclass_field(init=False)
    made: dict[object, Any] = dataclass_field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", [item.field for item in self.grant.items])


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of a client: the hash that access tokens are bound to, the key in PEM, and when it ends."""

    print: str
    pem: str
    ends: float


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A recipient: whose table it reads, the mark that names it, from which networks, and when it ends."""

    standing: Standing
    mark: str
    networks: tuple[Network, ...]
    ends: float

    def check_address(self, address: str) -> None:
        """Check where it reads from.

        Raises:
            AddressNotAllowed: From outside of its networks.
        """
        if self.networks and not inside(address, self.networks):
            raise AddressNotAllowed(
                "此地址不在该凭证准许的网段内 (this recipient does not read from this address)",
                remedy="请使用部门在授权页调整网段 (the consumer sets the networks on the page of the grant)",
            )


class Snapshot:
    """One policy, indexed.

    Attributes:
        version: of the policy.
        issued: seconds since 1970.
        expires: after which nothing is answered on it, likewise.
        clients: by client id.
        networks: by client id, from which alone an application calls; it is not there where it calls from anywhere.
        recipients: by the hash of a bearer token, and by the mark of that hash, who reads by it.
        subscriptions: by number, the grant whose changes it follows.
        followings: by number, what the grant says of it.
    """

    __slots__ = (
        "_keys", "_standings", "clients", "expires", "followings", "issued", "networks", "node", "recipients", "resources",
        "subscriptions", "version",
    )  # fmt: skip

    def __init__(self, policy: Policy) -> None:
        self.node = policy.node
        self.version = policy.version
        self.issued = instant(policy.issued_at, field="issued_at")
        self.expires = instant(policy.not_after, field="not_after")
        self.clients: dict[str, Client] = {client.client_id: client for client in policy.clients}
        self.networks = {one.client_id: networks(one.networks) for one in policy.clients if one.networks}
        self._keys = {name: _keys(client) for name, client in self.clients.items()}
        self.resources: dict[str, Resource] = {resource.code: resource for resource in policy.resources}
        self.recipients: dict[str, Reader] = {}
        self.subscriptions: dict[str, Standing] = {}
        self.followings: dict[str, Subscription] = {}
        self._standings: dict[tuple[str, str], list[Standing]] = {}
        for grant in policy.grants:
            self._place(grant)

    def _place(self, grant: Grant) -> None:
        client, resource = self.clients.get(grant.client_id), self.resources.get(grant.resource)
        if client is None or resource is None or client.department != grant.department:
            return
        standing = Standing(grant, resource, *grant.term())
        self.subscriptions |= {one.number: standing for one in grant.subscriptions}
        self.followings |= {one.number: one for one in grant.subscriptions}
        self._standings.setdefault((grant.client_id, grant.resource), []).append(standing)
        for one in grant.recipients:
            reader = _reader(standing, one)
            self.recipients[one.token_hash] = self.recipients[reader.mark] = reader

    def standings(self, client_id: str, code: str) -> list[Standing]:
        """Grants of one client on one resource, in whatever stage."""
        return self._standings.get((client_id, code), [])

    def held_by(self, client_id: str) -> list[Standing]:
        """Grants of one client on whatever resource, in whatever stage."""
        return [one for (holder, _), held in self._standings.items() if holder == client_id for one in held]

    def keys_of(self, client_id: str, now: float) -> list[Key]:
        """Keys a client signs with now, the newest first: two while one replaces the other."""
        return [key for key in self._keys[client_id].values() if now < key.ends]

    def key_ends(self, client_id: str, key_print: str) -> float:
        """When a key of a client ends, in seconds since 1970; 0 were it none of that client's."""
        key = self._keys[client_id].get(key_print)
        return key.ends if key is not None else 0.0

    def reader(self, name: str, now: float) -> Reader | None:
        """The recipient of a hash or mark, were there one that has not ended."""
        found = self.recipients.get(name)
        return found if found is not None and now < found.ends else None


def _reader(standing: Standing, one: Recipient) -> Reader:
    ends = instant(one.ends, field="ends") if one.ends else inf
    return Reader(standing, mark(one.token_hash), networks(one.networks), ends)


def _keys(client: Client) -> dict[str, Key]:
    """Keys of a client by their prints, the newest first: a token dies with the key it was asked with."""
    made = [Key(_print(client.public_key), client.public_key, inf)]
    if client.former_key:
        made.append(Key(_print(client.former_key), client.former_key, instant(client.former_ends, field="former_ends")))
    return {key.print: key for key in made}


def _print(pem: str) -> str:
    return sha256(pem.strip().encode()).hexdigest()[:32]
