# SPDX-License-Identifier: Apache-2.0
"""Life of a dispute: 协商 → 主管部门协调 → 本级人民政府决定 (809 art. 28).

Kept here: nobody is asked to decide before the parties have tried to agree; the parties may agree until the government
is asked. The law gives no number of days for any of it, so no clock runs: days open are shown, none is due.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a dispute stands (共享争议)."""

    NEGOTIATING = "negotiating", "双方协商中"
    AGREED = "agreed", "协商一致"
    COORDINATING = "coordinating", "主管部门协调中"
    INSTRUCTED = "instructed", "已作出协调意见"
    APPEALED = "appealed", "待人民政府决定"
    DECIDED = "decided", "人民政府已决定"
    CARRIED_OUT = "carried_out", "协调意见已落实"
    WITHDRAWN = "withdrawn", "已撤回"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.NEGOTIATING: frozenset({Stage.AGREED, Stage.COORDINATING, Stage.WITHDRAWN}),
    Stage.COORDINATING: frozenset({Stage.AGREED, Stage.INSTRUCTED, Stage.WITHDRAWN}),
    Stage.INSTRUCTED: frozenset({Stage.CARRIED_OUT, Stage.APPEALED}),
    Stage.APPEALED: frozenset({Stage.DECIDED}),
    Stage.AGREED: frozenset(),
    Stage.DECIDED: frozenset(),
    Stage.CARRIED_OUT: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Stage to the stages that may follow it."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.NEGOTIATING: Role.PROVIDER_HEAD,
    Stage.COORDINATING: Role.AUTHORITY,
    Stage.INSTRUCTED: Role.AUTHORITY,
    Stage.APPEALED: Role.AUTHORITY,
    Stage.AGREED: None,
    Stage.DECIDED: None,
    Stage.CARRIED_OUT: None,
    Stage.WITHDRAWN: None,
}
"""Stage to the role that acts next; while they negotiate, the heads of both parties."""

TAG: Mapping[Stage, str] = {
    Stage.NEGOTIATING: "disputes.dispute.opened",
    Stage.AGREED: "disputes.dispute.agreed",
    Stage.COORDINATING: "disputes.dispute.brought_to_authority",
    Stage.INSTRUCTED: "disputes.dispute.instructed",
    Stage.APPEALED: "disputes.dispute.brought_to_government",
    Stage.DECIDED: "disputes.dispute.decided",
    Stage.CARRIED_OUT: "disputes.dispute.carried_out",
    Stage.WITHDRAWN: "disputes.dispute.withdrawn",
}
"""Stage to the act recorded when it is reached."""
STATED = "disputes.statement.made"
PROPOSED = "disputes.agreement.proposed"

OPEN = (Stage.NEGOTIATING, Stage.COORDINATING, Stage.INSTRUCTED, Stage.APPEALED)
"""Stages in which something is still to be done."""
TALKING = (Stage.NEGOTIATING, Stage.COORDINATING)
"""Stages in which the parties may state and agree."""


class Side(Labelled):
    """Who speaks in a dispute (发言方)."""

    CONSUMER = "consumer", "使用部门"
    PROVIDER = "provider", "提供部门"
    AUTHORITY = "authority", "主管部门"


class Word(Labelled):
    """What an entry of the record is (争议记录)."""

    OPENING = "opening", "提出争议"
    STATEMENT = "statement", "陈述意见"
    PROPOSAL = "proposal", "提出协议文本"
    ASSENT = "assent", "同意协议文本"
    ESCALATION = "escalation", "提请主管部门协调"
    INSTRUCTION = "instruction", "主管部门协调意见"
    APPEAL = "appeal", "提请人民政府决定"
    DECISION = "decision", "人民政府决定"
    CARRIED_OUT = "carried_out", "确认落实"
    WITHDRAWAL = "withdrawal", "撤回争议"
