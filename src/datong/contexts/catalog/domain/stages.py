# SPDX-License-Identifier: Apache-2.0
"""Life of one version of a catalogue entry: compiled, consented by the head, reviewed, published (809 arts. 13 to 17).

Kept here: a version never returns from an end; a resource has at most one version under way and one published.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class Stage(Labelled):
    """Where a version stands."""

    DRAFT = "draft", "草稿"
    FILED = "filed", "待负责人同意"
    CONSENTED = "consented", "待主管部门审核"
    RETURNED = "returned", "已退回"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已被取代"
    WITHDRAWN = "withdrawn", "已撤销"


MOVES: Mapping[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.FILED, Stage.WITHDRAWN}),
    Stage.FILED: frozenset({Stage.CONSENTED, Stage.RETURNED}),
    Stage.CONSENTED: frozenset({Stage.PUBLISHED, Stage.RETURNED}),
    Stage.RETURNED: frozenset({Stage.FILED, Stage.WITHDRAWN}),
    Stage.PUBLISHED: frozenset({Stage.SUPERSEDED, Stage.WITHDRAWN}),
    Stage.SUPERSEDED: frozenset(),
    Stage.WITHDRAWN: frozenset(),
}
"""Stage to the stages that may follow it."""

LABELS: Mapping[Stage, str] = {stage: stage.label for stage in Stage}
"""Stage to what people read."""

HOLDER: Mapping[Stage, Role | None] = {
    Stage.DRAFT: Role.COMPILER,
    Stage.FILED: Role.PROVIDER_HEAD,
    Stage.CONSENTED: Role.AUTHORITY,
    Stage.RETURNED: Role.COMPILER,
    Stage.PUBLISHED: None,
    Stage.SUPERSEDED: None,
    Stage.WITHDRAWN: None,
}
"""Stage to the role that acts next; nobody where the work is done."""

TAG: Mapping[Stage, str] = {
    Stage.DRAFT: "catalog.entry.compiled",
    Stage.FILED: "catalog.entry.filed",
    Stage.CONSENTED: "catalog.entry.consented",
    Stage.RETURNED: "catalog.entry.returned",
    Stage.PUBLISHED: "catalog.entry.published",
    Stage.SUPERSEDED: "catalog.entry.superseded",
    Stage.WITHDRAWN: "catalog.entry.withdrawn",
}
"""Stage to the act recorded when it is reached."""

EDITABLE = frozenset({Stage.DRAFT, Stage.RETURNED})
UNDER_WAY = frozenset({Stage.DRAFT, Stage.FILED, Stage.CONSENTED, Stage.RETURNED})
