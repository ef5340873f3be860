# SPDX-License-Identifier: Apache-2.0
"""Life of a report: 提出 → 核实 → 更正 or reasoned refusal → 评价 (809 art. 26).

Kept here: nothing is corrected that was not taken up first; a report that was answered is never answered again, its
reporter rates the answer once.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a report of an error stands (校核)."""

    FILED = "filed", "待核实"
    VERIFYING = "verifying", "核实中"
    CORRECTED = "corrected", "已更正"
    REJECTED = "rejected", "不予更正"
    CLOSED = "closed", "已评价"
    WITHDRAWN = "withdrawn", "已撤回"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.FILED: frozenset({Stage.VERIFYING, Stage.WITHDRAWN}),
    Stage.VERIFYING: frozenset({Stage.CORRECTED, Stage.REJECTED, Stage.WITHDRAWN}),
    Stage.CORRECTED: frozenset({Stage.CLOSED}),
    Stage.REJECTED: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Stage to the stages that may follow it."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.FILED: Role.COMPILER,
    Stage.VERIFYING: Role.COMPILER,
    Stage.CORRECTED: None,
    Stage.REJECTED: None,
    Stage.CLOSED: None,
    Stage.WITHDRAWN: None,
}
"""Stage to the role that acts next; the provider's head may act in the compiler's place."""

TAG: Mapping[Stage, str] = {
    Stage.FILED: "corrections.correction.filed",
    Stage.VERIFYING: "corrections.correction.taken_up",
    Stage.CORRECTED: "corrections.correction.corrected",
    Stage.REJECTED: "corrections.correction.rejected",
    Stage.CLOSED: "corrections.correction.rated",
    Stage.WITHDRAWN: "corrections.correction.withdrawn",
}
"""Stage to the act recorded when it is reached."""
PROVED = "corrections.correction.proof_shown"

OPEN = (Stage.FILED, Stage.VERIFYING)
"""Stages in which the provider has to act."""
ANSWERED = (Stage.CORRECTED, Stage.REJECTED, Stage.CLOSED)
"""Stages in which the provider has answered."""


class Rating(Labelled):
    """What the reporter thinks of the answer, once."""

    VERY_SATISFIED = "very_satisfied", "非常满意"
    SATISFIED = "satisfied", "满意"
    FAIR = "fair", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意"


class Door(Labelled):
    """By which door a report came."""

    PAGE = "page", "页面"
    API = "api", "管理接口"
    GATEWAY = "gateway", "数据网关"
