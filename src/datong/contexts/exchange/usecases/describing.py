# SPDX-License-Identifier: Apache-2.0
"""What a grant gives, as its holder is told at the gateway: worked out and written by the same generator.

Kept here: the entries come from the policy as it would be published now, of this one grant; nothing is told of a grant
that is not in force, for nothing would be answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from datong.contexts.exchange.usecases import following
from datong.contexts.exchange.usecases.policy import compose, with_tables
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown
from datong.wire import policy as wire
from datong.wire.granted.document import document
from datong.wire.granted.offer import Offer, offer_of


@dataclass(frozen=True, slots=True)
class Described:
    """What a grant offers now, and the document that says so."""

    offer: Offer
    document: dict[str, Any]


def describe(number: str, *, by: Officer, now: datetime | None = None) -> Described | None:
    """Describe a grant to whoever may see it; None where it is not in force or its resource is not served.

    Raises:
        Unknown: No such grant, or none visible.
    """
    sharing.grant(number, by=by)
    now = now or datetime.now(UTC)
    policy = following.added(with_tables(compose(only=number), now))
    grant = next((one for one in policy.grants if one.number == number and one.stage == "active"), None)
    if grant is None or not _in_time(grant, now.timestamp()):
        return None
    resource = next((one for one in policy.resources if one.code == grant.resource), None)
    client = next((one for one in policy.clients if one.client_id == grant.client_id), None)
    if resource is None or client is None or client.department != grant.department:
        return None
    return Described(offer_of(grant, resource), document(grant, resource, client, server=settings.NODE.gateway_address))


def described(number: str, *, by: Officer) -> Described:
    """Describe a grant that has to be in force.

    Raises:
        Unknown: No such grant, none visible, or none in force.
    """
    found = describe(number, by=by)
    if found is None:
        remedy = "到授权页查看 (see the page of the grant)"
        raise Unknown(f"授权 {number} 现在没有可以调用的 (nothing can be called under this grant now)", remedy=remedy)
    return found


def _in_time(grant: wire.Grant, now: float) -> bool:
    opens, closes = grant.term()
    return opens <= now < closes
