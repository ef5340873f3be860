# SPDX-License-Identifier: Apache-2.0
"""Where this node may send a request that somebody named: public addresses, and networks it was told of (SSRF).

Kept here: every address a name stands for has to be allowed, so that none slips in; an IPv6 address that stands for an
IPv4 one somewhere on the way is none of the public ones; without encryption only networks inside are reached.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
DANGEROUS_PREFIXES = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 addresses that stand for IPv4 ones somewhere on the way (NAT64, 6to4, Teredo)."""


class Hindrance(StrEnum):
    """Why a name may not be reached."""

    NONE = ""
    UNKNOWN = "unknown"
    INNER = "inner"
    PLAIN = "plain"


def is_inside(address: Address, inside: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of some networks."""
    return any(address in network for network in inside if network.version == address.version)


def is_reachable(address: Address, inside: Iterable[Network]) -> bool:
    """Tell whether the node may send to an address: public ones, and those of the networks it was told of."""
    given, known = address, tuple(inside)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if is_inside(address, known) or is_inside(given, known):
        return True
    hidden = isinstance(address, IPv6Address) and any(address in prefix for prefix in DANGEROUS_PREFIXES)
    return address.is_global and not address.is_multicast and not hidden


def hindrance(found: Iterable[str], inside: Sequence[Network], *, encrypted: bool) -> Hindrance:
    """Tell why a name may not be reached.

    Args:
        found: Addresses the name stands for now; "%" and what follows is left out.
        inside: Networks of this node's own that may be reached.
        encrypted: Whether the way there is; without, only networks inside are reached.

    Returns:
        `UNKNOWN` for no address, `INNER` for one that is not allowed, `PLAIN` for a public one without encryption.
    """
    addresses = [ip_address(one.partition("%")[0]) for one in found]
    if not addresses:
        return Hindrance.UNKNOWN
    if not all(is_reachable(one, inside) for one in addresses):
        return Hindrance.INNER
    if not encrypted and not all(is_inside(one, inside) for one in addresses):
        return Hindrance.PLAIN
    return Hindrance.NONE
