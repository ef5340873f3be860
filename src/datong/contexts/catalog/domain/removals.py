# SPDX-License-Identifier: Apache-2.0
"""Taking a published resource off the catalogue: asked by the provider's head, decided by the authority (809 art. 27).

Kept here: a removal is a request of its own with its own review; what was published stays readable as history.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class RemovalKind(Labelled):
    """How a resource leaves the catalogue."""

    WITHDRAWAL = "withdrawal", "撤销目录"
    SUPERSESSION = "supersession", "由其他资源取代"


class RemovalStage(Labelled):
    """Where a request to remove a published resource stands."""

    ASKED = "asked", "待主管部门审批"
    APPROVED = "approved", "同意撤销"
    DECLINED = "declined", "不同意撤销"
    RETRACTED = "retracted", "已收回"


REMOVAL_MOVES: Mapping[RemovalStage, frozenset[RemovalStage]] = {
    RemovalStage.ASKED: frozenset({RemovalStage.APPROVED, RemovalStage.DECLINED, RemovalStage.RETRACTED}),
    RemovalStage.APPROVED: frozenset(),
    RemovalStage.DECLINED: frozenset(),
    RemovalStage.RETRACTED: frozenset(),
}
"""Stage to the stages that may follow it."""

REMOVAL_LABELS: Mapping[RemovalStage, str] = {stage: stage.label for stage in RemovalStage}
"""Stage to what people read."""

REMOVAL_HOLDER: Mapping[RemovalStage, Role | None] = {
    RemovalStage.ASKED: Role.AUTHORITY,
    RemovalStage.APPROVED: None,
    RemovalStage.DECLINED: None,
    RemovalStage.RETRACTED: None,
}
"""Stage to the role that acts next."""

REMOVAL_TAG: Mapping[RemovalStage, str] = {
    RemovalStage.ASKED: "catalog.removal.asked",
    RemovalStage.APPROVED: "catalog.removal.approved",
    RemovalStage.DECLINED: "catalog.removal.declined",
    RemovalStage.RETRACTED: "catalog.removal.retracted",
}
"""Stage to the act recorded when it is reached."""
