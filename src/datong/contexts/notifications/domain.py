# SPDX-License-Identifier: Apache-2.0
"""Notifications: how a notice reaches a person outside the pages, when it is tried again, where it may go.

Kept here: the page always shows a notice, whatever is chosen here; a message carries title and link and nothing else; one
that cannot be delivered is tried a fixed number of times and then waits for its owner.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled

SHANGHAI = ZoneInfo("Asia/Shanghai")
BACK_OFF: Sequence[timedelta] = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30),
    timedelta(hours=2), timedelta(hours=6), timedelta(hours=12),
)  # fmt: skip
"""How long to wait after each failure; one failure more and the message is given up."""
CLAIMED_FOR = timedelta(minutes=2)
"""After this a message taken by a sender that was killed is sent by another, under the same id."""
SPREAD_WITHIN = timedelta(days=3)
"""Notices older than this reach nobody outside the pages any more."""


class MessageChannel(Labelled):
    """How a notice reaches a person beside the page."""

    EMAIL = "email", "电子邮件"
    WEBHOOK = "webhook", "网络回调"


class Timing(Labelled):
    """When notices of a kind reach a person outside the pages."""

    AT_ONCE = "at_once", "即时发送"
    DIGEST = "digest", "每日汇总"
    NEVER = "never", "只在站内"


class DispatchStage(Labelled):
    """Stage of one message to one person by one channel."""

    QUEUED = "queued", "待发送"
    FAILED = "failed", "待重试"
    SENT = "sent", "已发送"
    DEAD = "dead", "已放弃"
    DROPPED = "dropped", "不必再发"


MOVES: dict[DispatchStage, frozenset[DispatchStage]] = {
    DispatchStage.QUEUED: frozenset({DispatchStage.SENT, DispatchStage.FAILED, DispatchStage.DEAD, DispatchStage.DROPPED}),
    DispatchStage.FAILED: frozenset(
        {DispatchStage.QUEUED, DispatchStage.SENT, DispatchStage.FAILED, DispatchStage.DEAD, DispatchStage.DROPPED}
    ),
    DispatchStage.DEAD: frozenset({DispatchStage.QUEUED}),
    DispatchStage.SENT: frozenset(),
    DispatchStage.DROPPED: frozenset(),
}
LABELS: dict[DispatchStage, str] = {stage: stage.label for stage in DispatchStage}
HOLDER: dict[DispatchStage, Role | None] = dict.fromkeys(DispatchStage)
"""The node sends; the owner of a message that was given up may send it again, whatever his role."""
TAG: dict[DispatchStage, str] = {
    DispatchStage.QUEUED: "notifications.dispatch.replayed",
    DispatchStage.FAILED: "notifications.dispatch.failed",
    DispatchStage.SENT: "notifications.dispatch.sent",
    DispatchStage.DEAD: "notifications.dispatch.given_up",
    DispatchStage.DROPPED: "notifications.dispatch.dropped",
}
"""Acts are written when a message is given up or sent again; the row itself tells the rest."""
WAITING = frozenset({DispatchStage.QUEUED, DispatchStage.FAILED})


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server of the node.

    Attributes:
        sender: Address the messages come from.
        starttls: Encrypt after connecting.
        ssl: Encrypt from the beginning.
    """

    host: str
    port: int
    sender: str
    username: str = ""
    password: str = ""
    starttls: bool = False
    ssl: bool = False


def key_of(node: str, notice: int, account: str, channel: str) -> str:
    """Give the id of a message: the same for the same notice, person and channel, whenever it is made."""
    said = "\n".join((node, str(notice), account, channel))
    return f"msg_{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def after_failure(tries: int) -> timedelta | None:
    """Give how long to wait after so many failures, None when the message is given up."""
    return BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None


def next_digest(now: datetime, hour: int) -> datetime:
    """Give the next moment of the daily digest, at `hour` in Shanghai."""
    here = now.astimezone(SHANGHAI)
    today = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (today if today > here else today + timedelta(days=1)).astimezone(UTC)
