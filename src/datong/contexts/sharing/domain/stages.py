# SPDX-License-Identifier: Apache-2.0
"""Life of a request (809 arts. 20 and 21); that of the grant that comes of it stands in `lives`.

Kept here: a request ends in one decision.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a request stands."""

    DRAFT = "draft", "草稿"
    FILED = "filed", "待本部门负责人同意"
    ENDORSED = "endorsed", "待提供部门答复"
    RETURNED = "returned", "已退回补正"
    GRANTED = "granted", "同意共享"
    REFUSED = "refused", "不同意共享"
    WITHDRAWN = "withdrawn", "已撤回"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.FILED, Stage.WITHDRAWN}),
    Stage.FILED: frozenset({Stage.ENDORSED, Stage.RETURNED, Stage.WITHDRAWN}),
    Stage.ENDORSED: frozenset({Stage.GRANTED, Stage.REFUSED, Stage.RETURNED, Stage.WITHDRAWN}),
    Stage.RETURNED: frozenset({Stage.FILED, Stage.WITHDRAWN}),
    Stage.GRANTED: frozenset(),
    Stage.REFUSED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Stage to the stages that may follow it."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.DRAFT: Role.APPLICANT,
    Stage.FILED: Role.CONSUMER_HEAD,
    Stage.ENDORSED: Role.PROVIDER_HEAD,
    Stage.RETURNED: Role.APPLICANT,
    Stage.GRANTED: None,
    Stage.REFUSED: None,
    Stage.WITHDRAWN: None,
}
"""Stage to the role that acts next; nobody where the work is done. On the way to an answer a step may name another."""

TAG: Mapping[Stage, str] = {
    Stage.DRAFT: "sharing.request.drafted",
    Stage.FILED: "sharing.request.filed",
    Stage.ENDORSED: "sharing.request.endorsed",
    Stage.RETURNED: "sharing.request.returned",
    Stage.GRANTED: "sharing.request.granted",
    Stage.REFUSED: "sharing.request.refused",
    Stage.WITHDRAWN: "sharing.request.withdrawn",
}
"""Stage to the act recorded when it is reached."""

EDITABLE = frozenset({Stage.DRAFT, Stage.RETURNED})
OWN = frozenset({Stage.DRAFT, Stage.FILED, Stage.RETURNED})
"""Stages in which a request is the consumer's own affair: nobody else sees it."""


class RefusalCategory(Labelled):
    """Why a request is refused (809 art. 21); a request is never refused for being incomplete."""

    NO_BASIS = "no_basis", "使用依据不成立"
    BEYOND_NEED = "beyond_need", "超出履行职责所需"
    WITHHELD_BY_LAW = "withheld_by_law", "法律法规规定不予共享"
    NOT_HELD = "not_held", "本部门不掌握该数据"
    UNSAFE = "unsafe", "需求方安全保障不足"
    OTHER = "other", "其他"


DELIVERY = "809-22-delivery"
"""The rule of the period in which what was granted is delivered."""
