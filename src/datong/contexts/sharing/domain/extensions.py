# SPDX-License-Identifier: Apache-2.0
"""More time to answer a conditional request: asked by the provider, consented to by the authority, told to the requester.

Kept here: once for each request, ten working days at most, never without consent (809 art. 21).
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class ExtensionStage(Labelled):
    """Where a request for more time stands."""

    ASKED = "asked", "待主管部门同意延期"
    GRANTED = "granted", "同意延期"
    DECLINED = "declined", "不同意延期"
    LAPSED = "lapsed", "申请已办结，不再延期"


EXTENSION_MOVES: Mapping[ExtensionStage, frozenset[ExtensionStage]] = {
    ExtensionStage.ASKED: frozenset({ExtensionStage.GRANTED, ExtensionStage.DECLINED, ExtensionStage.LAPSED}),
    ExtensionStage.GRANTED: frozenset(),
    ExtensionStage.DECLINED: frozenset(),
    ExtensionStage.LAPSED: frozenset(),
}
"""Stage to the stages that may follow it."""

EXTENSION_LABELS: Mapping[ExtensionStage, str] = {stage: stage.label for stage in ExtensionStage}
"""Stage to what people read."""

EXTENSION_HOLDER: Mapping[ExtensionStage, Role | None] = {
    ExtensionStage.ASKED: Role.AUTHORITY,
    ExtensionStage.GRANTED: None,
    ExtensionStage.DECLINED: None,
    ExtensionStage.LAPSED: None,
}
"""Stage to the role that acts next."""

EXTENSION_TAG: Mapping[ExtensionStage, str] = {
    ExtensionStage.ASKED: "sharing.extension.asked",
    ExtensionStage.GRANTED: "sharing.extension.granted",
    ExtensionStage.DECLINED: "sharing.extension.declined",
    ExtensionStage.LAPSED: "sharing.extension.lapsed",
}
"""Stage to the act recorded when it is reached."""
