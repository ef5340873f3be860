# SPDX-License-Identifier: Apache-2.0
"""Recipients and activation links: who reads a grant's table, which link can still be opened, what the table holds.

Kept here: who calls has checked that the officer sees the grant; nothing here gives a token or a secret.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import Q, QuerySet

from datong.contexts.exchange.models import ActivationLink, Recipient
from datong.crypto.keys import load_secret
from datong.wire import policy as wire
from datong.wire.delta_sharing import profile

VISITORS = "activation visitors"
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class RecipientView:
    """A recipient as its department sees it.

    Attributes:
        state: current, leaving (a newer one was taken), ended or stopped.
    """

    key: int
    state: str
    made_by: str
    made_at: datetime
    ends_at: datetime | None
    stopped_by: str
    networks: tuple[str, ...]
    last_used_at: datetime | None

    @property
    def reads(self) -> bool:
        """Whether it reads now."""
        return self.state in ("current", "leaving")


def good_at(now: datetime) -> QuerySet[Recipient]:
    """Recipients that have not ended."""
    return Recipient.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def as_told(now: datetime) -> dict[str, list[wire.Recipient]]:
    """Recipients that are good now, by grant, as the policy tells the gateways."""
    found: dict[str, list[wire.Recipient]] = {}
    rows = good_at(now).order_by("token_hash").values_list("grant_id", "token_hash", "networks", "ends_at")
    for grant, token_hash, networks, ends_at in rows:
        ends = "" if ends_at is None else ends_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        found.setdefault(grant, []).append(wire.Recipient(token_hash=token_hash, networks=networks, ends=ends))
    return found


def recipients_of(grant: str, now: datetime | None = None) -> list[RecipientView]:
    """Recipients of a grant, the newest first."""
    at = now or datetime.now(UTC)
    return [view(row, at) for row in Recipient.objects.filter(grant=grant)[:MOST_SHOWN]]


def view(row: Recipient, now: datetime) -> RecipientView:
    """Give the view of a recipient."""
    return RecipientView(
        key=row.pk, state=_state(row, now), made_by=row.made_by, made_at=row.made_at, ends_at=row.ends_at,
        stopped_by=row.stopped_by, networks=tuple(row.networks), last_used_at=row.last_used_at,
    )  # fmt: skip


def _state(row: Recipient, now: datetime) -> str:
    if row.ends_at is None:
        return "current"
    if row.stopped_by:
        return "stopped"
    return "leaving" if row.ends_at > now else "ended"


def open_links(now: datetime) -> QuerySet[ActivationLink]:
    """Links that can still be opened."""
    return ActivationLink.objects.filter(opened_at=None, withdrawn_by="", ends_at__gt=now)


def link_of(grant: str, now: datetime | None = None) -> ActivationLink | None:
    """The link of a grant that can still be opened."""
    return open_links(now or datetime.now(UTC)).filter(grant=grant).first()


def by_mark(grants: set[str]) -> dict[tuple[str, str], int]:
    """Grant and mark of each recipient of some grants to its key."""
    rows = Recipient.objects.filter(grant__in=grants).values_list("grant_id", "token_hash", "pk")
    return {(grant, profile.mark(token_hash)): key for grant, token_hash, key in rows}


def visitor_of(address: str, day: str) -> str:
    """Give the keyed hash of an address; another one each day, so that nobody is followed over days."""
    key = load_secret(settings.NODE_FOLDER.key, VISITORS)
    return hmac.new(key, f"{day} {address}".encode("utf-8", "replace"), sha256).hexdigest()
