# SPDX-License-Identifier: Apache-2.0
"""Which authority a dispute goes to, and whether anybody sits there in this node.

Kept here: where nobody does, it is said: the dispute has to be sent by the usual official channel, the node's highest
authority is told and later writes down what was decided. Nothing here pretends that it went.
"""

from dataclasses import dataclass, replace

from datong.contexts.disputes.domain.routing import common_superior, line_of
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Role
from datong.kernel.errors import Unknown


@dataclass(frozen=True, slots=True)
class Seat:
    """Who handles a dispute in this node.

    Attributes:
        region: Division whose authority has to coordinate.
        name: Its name.
        present: Somebody holds that authority's post in this node.
        handler: Division whose authority handles it in this node, "" for none at all.
        handler_name: Its name.
    """

    region: str
    name: str
    present: bool
    handler: str
    handler_name: str


def route(one: str, other: str) -> organisations.RegionView:
    """Give the division whose authority a dispute between departments of two divisions goes to.

    Raises:
        Malformed: A division is unknown, or the two have no common superior.
    """
    tree = {place.code: place for place in organisations.region_tree()}
    found = tree[common_superior({code: place.parent for code, place in tree.items()}, one, other)]
    return found if found.parent else replace(found, name="国家")


def seat(region: str, name: str) -> Seat:
    """Tell who handles what goes to the authority of a division."""
    if organisations.people_at(Role.AUTHORITY, region=region):
        return Seat(region, name, present=True, handler=region, handler_name=name)
    top = highest()
    return Seat(region, name, present=False, handler=top, handler_name=organisations.region_names([top]).get(top, ""))


def highest() -> str:
    """Give the division of the highest authority that works in this node, "" for none."""
    regions = {_region_of(account) for account in organisations.people_at(Role.AUTHORITY)} - {""}
    if not regions:
        return ""
    above = {place.code: place.parent for place in organisations.region_tree()}
    return min(regions, key=lambda code: (len(line_of(above, code)), code))


def _region_of(account: str) -> str:
    try:
        return organisations.officer_named(account).region
    except Unknown:
        return ""
