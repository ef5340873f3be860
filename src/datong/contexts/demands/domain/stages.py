# SPDX-License-Identifier: Apache-2.0
"""Life of a demand: 提出 → 本部门同意 → 主管部门 → 责任部门 → 编目 → 可申请 → 满足; and of one department's part in it.

Kept here: nobody is made responsible but by the authority; a department that does not hold the data gives the demand back
with a reason; a demand that was matched or answered wrongly goes to the authority again.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a demand stands (数据需求)."""

    DRAFT = "draft", "草稿"
    FILED = "filed", "待本部门同意"
    RETURNED = "returned", "退回修改"
    REVIEWING = "reviewing", "待主管部门处理"
    ASSIGNED = "assigned", "待责任部门答复"
    COMPILING = "compiling", "编目中"
    MATCHED = "matched", "已匹配目录"
    ANSWERED = "answered", "已编目可申请"
    FULFILLED = "fulfilled", "已满足"
    DECLINED = "declined", "不予受理"
    WITHDRAWN = "withdrawn", "已撤回"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.FILED, Stage.MATCHED, Stage.WITHDRAWN}),
    Stage.FILED: frozenset({Stage.REVIEWING, Stage.RETURNED, Stage.MATCHED, Stage.WITHDRAWN}),
    Stage.RETURNED: frozenset({Stage.FILED, Stage.MATCHED, Stage.WITHDRAWN}),
    Stage.REVIEWING: frozenset({Stage.MATCHED, Stage.ASSIGNED, Stage.DECLINED, Stage.WITHDRAWN}),
    Stage.ASSIGNED: frozenset({Stage.COMPILING, Stage.ANSWERED, Stage.REVIEWING, Stage.WITHDRAWN}),
    Stage.COMPILING: frozenset({Stage.ANSWERED, Stage.REVIEWING}),
    Stage.MATCHED: frozenset({Stage.FULFILLED, Stage.REVIEWING}),
    Stage.ANSWERED: frozenset({Stage.FULFILLED, Stage.REVIEWING}),
    Stage.FULFILLED: frozenset(),
    Stage.DECLINED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Stage to the stages that may follow it."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.DRAFT: Role.APPLICANT,
    Stage.FILED: Role.CONSUMER_HEAD,
    Stage.RETURNED: Role.APPLICANT,
    Stage.REVIEWING: Role.AUTHORITY,
    Stage.ASSIGNED: Role.COMPILER,
    Stage.COMPILING: Role.COMPILER,
    Stage.MATCHED: Role.APPLICANT,
    Stage.ANSWERED: Role.APPLICANT,
    Stage.FULFILLED: None,
    Stage.DECLINED: None,
    Stage.WITHDRAWN: None,
}
"""Stage to the role that acts next; the responsible department's head may act in the compiler's place."""

TAG: Mapping[Stage, str] = {
    Stage.DRAFT: "demands.demand.drafted",
    Stage.FILED: "demands.demand.filed",
    Stage.RETURNED: "demands.demand.returned",
    Stage.REVIEWING: "demands.demand.endorsed",
    Stage.ASSIGNED: "demands.demand.assigned",
    Stage.COMPILING: "demands.demand.accepted",
    Stage.MATCHED: "demands.demand.matched",
    Stage.ANSWERED: "demands.demand.answered",
    Stage.FULFILLED: "demands.demand.fulfilled",
    Stage.DECLINED: "demands.demand.declined",
    Stage.WITHDRAWN: "demands.demand.withdrawn",
}
"""Stage to the act recorded when it is reached."""
REVISED = "demands.demand.revised"
REOPENED = "demands.demand.reopened"
REQUESTED = "demands.demand.requested"
NAMED = "demands.demand.entry_named"

EDITABLE = (Stage.DRAFT, Stage.RETURNED)
"""Stages in which its department still writes."""
BEFORE_CONSENT = (Stage.DRAFT, Stage.FILED, Stage.RETURNED)
"""Stages that only the department itself knows of."""
TO_REQUEST = (Stage.MATCHED, Stage.ANSWERED)
"""Stages in which there is an entry to ask for."""
ENDED = (Stage.FULFILLED, Stage.DECLINED, Stage.WITHDRAWN)


class DutyStage(Labelled):
    """Where one department's responsibility for a demand stands (数据责任)."""

    OPEN = "open", "待答复"
    ACCEPTED = "accepted", "编目中"
    SUPPLIED = "supplied", "已供给"
    NOT_HELD = "not_held", "不掌握"
    ENDED = "ended", "已终止"


DUTY_MOVES: Mapping[DutyStage, frozenset[DutyStage]] = {
    DutyStage.OPEN: frozenset({DutyStage.ACCEPTED, DutyStage.SUPPLIED, DutyStage.NOT_HELD, DutyStage.ENDED}),
    DutyStage.ACCEPTED: frozenset({DutyStage.SUPPLIED, DutyStage.ENDED}),
    DutyStage.SUPPLIED: frozenset(),
    DutyStage.NOT_HELD: frozenset(),
    DutyStage.ENDED: frozenset(),
}
"""Stage to the stages that may follow it."""
DUTY_LABELS: Mapping[DutyStage, str] = {stage: stage.label for stage in DutyStage}
DUTY_HOLDER: Mapping[DutyStage, Role | None] = {
    DutyStage.OPEN: Role.COMPILER,
    DutyStage.ACCEPTED: Role.COMPILER,
    DutyStage.SUPPLIED: None,
    DutyStage.NOT_HELD: None,
    DutyStage.ENDED: None,
}
DUTY_TAG: Mapping[DutyStage, str] = {
    DutyStage.OPEN: "demands.demand.assigned",
    DutyStage.ACCEPTED: "demands.demand.accepted",
    DutyStage.SUPPLIED: "demands.demand.answered",
    DutyStage.NOT_HELD: "demands.demand.not_held",
    DutyStage.ENDED: "demands.demand.task_excused",
}
"""Stage to the act recorded on the demand when it is reached."""
DUTY_ENDS = (DutyStage.ACCEPTED, DutyStage.SUPPLIED, DutyStage.NOT_HELD)
"""Stages in which the department has answered."""
