# SPDX-License-Identifier: Apache-2.0
"""Network addresses: where a request comes from, and whether that is within networks somebody named.

Kept here: what a header says of an address is believed only from proxies the node was told of, read from the nearest
hop outwards; an address that does not read lies in no network. An IPv4 address written as IPv6 is the IPv4 address.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from datong.kernel.errors import Malformed

Network: TypeAlias = IPv4Network | IPv6Network
MOST_NETWORKS = 50
LONGEST = 64


def networks(texts: Iterable[str], *, field: str = "networks") -> tuple[Network, ...]:
    """Read networks in CIDR notation; a single address is a network of one.

    Args:
        texts: Such as 10.1.0.0/16, 2001:db8::/32.
        field: What the list is called where it was typed.

    Raises:
        Malformed: One does not read, or has bits set behind its prefix, or there are too many.
    """
    found: dict[Network, None] = {}
    for text in texts:
        try:
            found[ip_network(text.strip()[:LONGEST])] = None
        except ValueError:
            shown = "".join(letter for letter in text.strip()[:LONGEST] if letter.isprintable())
            raise Malformed(
                f"“{shown}”不是网段 (not a network)",
                fields={field: f"“{shown}”：请写成 10.1.0.0/16 或者单个地址 (write 10.1.0.0/16 or one address)"},
            ) from None
    if len(found) > MOST_NETWORKS:
        why = f"最多 {MOST_NETWORKS} 个网段 (at most {MOST_NETWORKS} networks)"
        raise Malformed(why, fields={field: why})
    return tuple(found)


def inside(address: str, known: Iterable[Network]) -> bool:
    """Tell whether an address lies in one of some networks; one that does not read lies in none."""
    read = _read(address)
    return read is not None and any(read in network for network in known)


def origin(peer: str, forwarded: str, proxies: tuple[Network, ...]) -> str:
    """Tell where a request comes from.

    Args:
        peer: Address at the other end of the connection.
        forwarded: X-Forwarded-For as received: each proxy put its own peer behind what was there.
        proxies: Networks of the proxies that are believed.

    Returns:
        The nearest address that is no proxy of ours; empty where a proxy of ours said what does not read.
    """
    here = peer
    hops = forwarded.split(",") if forwarded else []
    while hops and inside(here, proxies):
        here = hops.pop().strip()
        if _read(here) is None:
            return ""
    return here


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        read = ip_address(address)
    except ValueError:
        return None
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else None
    return mapped or read
