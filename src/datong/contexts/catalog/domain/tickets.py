# SPDX-License-Identifier: Apache-2.0
"""The duty to update the catalogue after a change of law or of duties, and the extension of its period (809 art. 17).

Kept here: the period runs from the event, not from the day somebody noted it; submitting the changed entry to the
authority stops it, a return lets it go on with the same last day; the authority alone excuses.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class TicketCause(Labelled):
    """What changed."""

    LAW = "law", "法律法规调整"
    DECISION = "decision", "国务院决定调整"
    DUTY = "duty", "部门职责变化"
    DEMAND = "demand", "答复数据需求"


BY_HAND = (TicketCause.LAW, TicketCause.DECISION, TicketCause.DUTY)
"""What a person notes; the tasks of demands open by accepting one."""


class TicketStage(Labelled):
    """Where a duty to update the catalogue stands."""

    OPEN = "open", "待更新"
    SUBMITTED = "submitted", "已报主管部门"
    CLOSED = "closed", "已更新"
    EXCUSED = "excused", "无须更新"


TICKET_MOVES: Mapping[TicketStage, frozenset[TicketStage]] = {
    TicketStage.OPEN: frozenset({TicketStage.SUBMITTED, TicketStage.CLOSED, TicketStage.EXCUSED}),
    TicketStage.SUBMITTED: frozenset({TicketStage.CLOSED, TicketStage.OPEN}),
    TicketStage.CLOSED: frozenset(),
    TicketStage.EXCUSED: frozenset(),
}
"""Stage to the stages that may follow it."""

TICKET_LABELS: Mapping[TicketStage, str] = {stage: stage.label for stage in TicketStage}
"""Stage to what people read."""

TICKET_HOLDER: Mapping[TicketStage, Role | None] = {
    TicketStage.OPEN: Role.COMPILER,
    TicketStage.SUBMITTED: Role.AUTHORITY,
    TicketStage.CLOSED: None,
    TicketStage.EXCUSED: None,
}
"""Stage to the role that acts next."""

TICKET_TAG: Mapping[TicketStage, str] = {
    TicketStage.OPEN: "catalog.ticket.opened",
    TicketStage.SUBMITTED: "catalog.ticket.submitted",
    TicketStage.CLOSED: "catalog.ticket.closed",
    TicketStage.EXCUSED: "catalog.ticket.excused",
}
"""Stage to the act recorded when it is reached."""


class ExtensionStage(Labelled):
    """Where the extension of a period to update stands."""

    NONE = "none", "未申请延长"
    ASKED = "asked", "申请延长中"
    GRANTED = "granted", "同意延长"
    DECLINED = "declined", "不同意延长"


EXTENSION_MOVES: Mapping[ExtensionStage, frozenset[ExtensionStage]] = {
    ExtensionStage.NONE: frozenset({ExtensionStage.ASKED}),
    ExtensionStage.ASKED: frozenset({ExtensionStage.GRANTED, ExtensionStage.DECLINED}),
    ExtensionStage.GRANTED: frozenset(),
    ExtensionStage.DECLINED: frozenset(),
}
"""Stage to the stages that may follow it: once asked, once answered."""

EXTENSION_LABELS: Mapping[ExtensionStage, str] = {stage: stage.label for stage in ExtensionStage}
"""Stage to what people read."""

EXTENSION_HOLDER: Mapping[ExtensionStage, Role | None] = {
    ExtensionStage.NONE: None,
    ExtensionStage.ASKED: Role.AUTHORITY,
    ExtensionStage.GRANTED: None,
    ExtensionStage.DECLINED: None,
}
"""Stage to the role that acts next."""

EXTENSION_TAG: Mapping[ExtensionStage, str] = {
    ExtensionStage.NONE: "catalog.ticket.opened",
    ExtensionStage.ASKED: "catalog.extension.asked",
    ExtensionStage.GRANTED: "catalog.extension.granted",
    ExtensionStage.DECLINED: "catalog.extension.declined",
}
"""Stage to the act recorded when it is reached."""
