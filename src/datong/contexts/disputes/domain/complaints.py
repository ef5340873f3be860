# SPDX-License-Identifier: Apache-2.0
"""Life of a complaint by the public: 登记 → 分派 → 部门答复 → 办结并答复投诉人 (809 art. 37).

Kept here: only the authority closes, and what it closes with is what the complainant reads; an answer that does not
answer goes back to the department.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a complaint stands (公众投诉)."""

    FILED = "filed", "待分派"
    ASSIGNED = "assigned", "部门办理中"
    REPLIED = "replied", "待审核答复"
    CLOSED = "closed", "已办结"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.FILED: frozenset({Stage.ASSIGNED, Stage.CLOSED}),
    Stage.ASSIGNED: frozenset({Stage.ASSIGNED, Stage.REPLIED}),
    Stage.REPLIED: frozenset({Stage.ASSIGNED, Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}
"""Stage to the stages that may follow it; one assigned may be assigned to another department."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.FILED: Role.AUTHORITY,
    Stage.ASSIGNED: Role.PROVIDER_HEAD,
    Stage.REPLIED: Role.AUTHORITY,
    Stage.CLOSED: None,
}
"""Stage to the role that acts next; any post of the department may reply."""

TAG: Mapping[Stage, str] = {
    Stage.FILED: "disputes.complaint.filed",
    Stage.ASSIGNED: "disputes.complaint.assigned",
    Stage.REPLIED: "disputes.complaint.replied",
    Stage.CLOSED: "disputes.complaint.closed",
}
"""Stage to the act recorded when it is reached."""

OPEN = (Stage.FILED, Stage.ASSIGNED, Stage.REPLIED)
"""Stages in which something is still to be done."""


class About(Labelled):
    """What a complaint is about (投诉事项)."""

    MISUSE = "misuse", "个人信息被超范围使用或者泄露"
    DEMANDED_AGAIN = "demanded_again", "已共享的材料仍被要求重复提交"
    WRONG = "wrong", "数据有误，影响办事"
    OTHER = "other", "其他数据共享问题"


class Step(Labelled):
    """What an entry of a complaint's record is (投诉办理记录)."""

    FILED = "filed", "登记投诉"
    ASSIGNED = "assigned", "分派部门"
    REPLIED = "replied", "部门答复"
    SENT_BACK = "sent_back", "退回重新答复"
    CLOSED = "closed", "办结答复"
