# SPDX-License-Identifier: Apache-2.0
"""What is described: the node that publishes, one entry of its catalogue, one page of the feed.

Kept here: the address of an entry is the node's public address and the national code; it never changes, whoever
relays the entry. An entry that was relayed keeps the address of the node that first registered it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from datong.wire.dcat.graphs import address


@dataclass(frozen=True, slots=True)
class Site:
    """The node that publishes.

    Attributes:
        base: public address of the control plane, without a slash at the end.
        gateway: public address of the data plane, without a slash at the end.
        region: six digits.
        name: what people call the node.
    """

    base: str
    gateway: str
    region: str
    name: str

    @property
    def catalogue(self) -> str:
        """Address of the catalogue itself, for any page of it."""
        return f"{self.base}/#catalog"

    def entry(self, code: str) -> str:
        """Address of an entry: for people and, by content negotiation, for programs."""
        return f"{self.base}/resources/{address(code)}"

    def part(self, kind: str, key: str) -> str:
        """Address of something the node knows: a department, a class, a region."""
        return f"{self.base}/#{kind}-{address(key)}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One published entry, as everybody who reads this graph may see it.

    Attributes:
        provider: unified social credit code.
        region: region of the provider, six digits.
        sharing_methods: values of `Channel`; none for what is withheld.
        related: codes of related entries that the same reader may see.
        issued: when the first version was published.
        modified: when this version was published.
        period: first and last day that the data speaks of, where known.
    """

    code: str
    name: str
    abstract: str
    class_code: str
    class_name: str
    provider: str
    provider_name: str
    region: str
    version: int
    format_class: str
    format_type: str
    sharing_type: str
    opening_type: str
    sharing_methods: tuple[str, ...]
    use_conditions: str
    update_cycle: str
    level: str
    contact: str
    system: str
    related: tuple[str, ...] = ()
    issued: datetime | None = None
    modified: datetime | None = None
    period: tuple[date | None, date | None] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the feed.

    Attributes:
        here: address of this page.
        first: address of the first page.
        next: address of the page behind, empty on the last one.
        total: entries of the whole snapshot.
        modified: when the catalogue last changed, as far as the snapshot goes.
    """

    here: str
    first: str
    next: str
    total: int
    modified: datetime | None
