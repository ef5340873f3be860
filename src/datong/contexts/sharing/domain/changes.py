# SPDX-License-Identifier: Apache-2.0
"""Stopping or altering a service that others live on: negotiated with each of them, filed, then done (809 art. 27).

Kept here: a provider never stops or alters it on its own; each consumer answers or lets the time for it pass; the
authority files (备案) before anything takes effect.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled

ANSWER_DAYS = 10
"""Working days a consumer has to answer a proposal; one who says nothing does not hold it up for ever."""


class ChangeKind(Labelled):
    """What is to happen to a service."""

    STOP = "stop", "停止服务"
    ALTER = "alter", "变更服务"


class ChangeAnswer(Labelled):
    """What a consumer says of a proposal."""

    PENDING = "pending", "未答复"
    AGREED = "agreed", "同意"
    OBJECTED = "objected", "有异议"


class ChangeStage(Labelled):
    """Where a change of a service stands (服务变更)."""

    NEGOTIATING = "negotiating", "与使用部门协商中"
    FILED = "filed", "待主管部门备案"
    RECORDED = "recorded", "已备案待生效"
    EFFECTED = "effected", "已生效"
    DECLINED = "declined", "不予备案"
    DROPPED = "dropped", "已撤回"


CHANGE_MOVES: Mapping[ChangeStage, frozenset[ChangeStage]] = {
    ChangeStage.NEGOTIATING: frozenset({ChangeStage.FILED, ChangeStage.DROPPED}),
    ChangeStage.FILED: frozenset({ChangeStage.RECORDED, ChangeStage.DECLINED, ChangeStage.DROPPED}),
    ChangeStage.RECORDED: frozenset({ChangeStage.EFFECTED, ChangeStage.DROPPED}),
    ChangeStage.EFFECTED: frozenset(),
    ChangeStage.DECLINED: frozenset(),
    ChangeStage.DROPPED: frozenset(),
}
"""Stage to the stages that may follow it."""

CHANGE_LABELS: Mapping[ChangeStage, str] = {stage: stage.label for stage in ChangeStage}
"""Stage to what people read."""

CHANGE_HOLDER: Mapping[ChangeStage, Role | None] = {
    ChangeStage.NEGOTIATING: Role.PROVIDER_HEAD,
    ChangeStage.FILED: Role.AUTHORITY,
    ChangeStage.RECORDED: Role.PROVIDER_HEAD,
    ChangeStage.EFFECTED: None,
    ChangeStage.DECLINED: None,
    ChangeStage.DROPPED: None,
}
"""Stage to the role that acts next."""

CHANGE_TAG: Mapping[ChangeStage, str] = {
    ChangeStage.NEGOTIATING: "sharing.change.proposed",
    ChangeStage.FILED: "sharing.change.filed",
    ChangeStage.RECORDED: "sharing.change.recorded",
    ChangeStage.EFFECTED: "sharing.change.effected",
    ChangeStage.DECLINED: "sharing.change.declined",
    ChangeStage.DROPPED: "sharing.change.dropped",
}
"""Stage to the act recorded when it is reached."""
ANSWERED = "sharing.change.answered"
CHANGE_UNDER_WAY = (ChangeStage.NEGOTIATING, ChangeStage.FILED, ChangeStage.RECORDED)
