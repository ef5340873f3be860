# SPDX-License-Identifier: Apache-2.0
"""Life of a delivery: queued, carried out, then to be fetched or arrived; failed, withdrawn or lapsed.

Kept here: a delivery that was interrupted is begun again, one that failed never: it is asked for anew. Nothing here knows
a clock: that files are kept for some days is said where they are swept.
"""

from collections.abc import Mapping

from datong.kernel.actors import Role
from datong.kernel.labels import Labelled


class DeliveryStage(Labelled):
    """Stages of a delivery (交付)."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "交付中"
    READY = "ready", "可下载"
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "交付失败"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已过期"


MOVES: Mapping[DeliveryStage, frozenset[DeliveryStage]] = {
    DeliveryStage.QUEUED: frozenset({DeliveryStage.RUNNING, DeliveryStage.FAILED, DeliveryStage.WITHDRAWN}),
    DeliveryStage.RUNNING: frozenset(
        {DeliveryStage.READY, DeliveryStage.DELIVERED, DeliveryStage.FAILED, DeliveryStage.WITHDRAWN}
    ),
    DeliveryStage.READY: frozenset({DeliveryStage.WITHDRAWN, DeliveryStage.LAPSED}),
    DeliveryStage.DELIVERED: frozenset(),
    DeliveryStage.FAILED: frozenset(),
    DeliveryStage.WITHDRAWN: frozenset(),
    DeliveryStage.LAPSED: frozenset(),
}
"""Stage to the stages that may follow it."""

UNFINISHED = (DeliveryStage.QUEUED, DeliveryStage.RUNNING)
ENDED = (DeliveryStage.DELIVERED, DeliveryStage.FAILED, DeliveryStage.WITHDRAWN, DeliveryStage.LAPSED)

LABELS: Mapping[DeliveryStage, str] = {stage: stage.label for stage in DeliveryStage}
"""Stage to what people read."""

HOLDER: Mapping[DeliveryStage, Role | None] = {
    DeliveryStage.QUEUED: None,
    DeliveryStage.RUNNING: None,
    DeliveryStage.READY: Role.APPLICANT,
    DeliveryStage.DELIVERED: None,
    DeliveryStage.FAILED: Role.APPLICANT,
    DeliveryStage.WITHDRAWN: None,
    DeliveryStage.LAPSED: None,
}
"""Stage to who acts next; None: the node, or nobody."""

TAG: Mapping[DeliveryStage, str] = {
    DeliveryStage.QUEUED: "deliveries.delivery.queued",
    DeliveryStage.RUNNING: "deliveries.delivery.started",
    DeliveryStage.READY: "deliveries.delivery.ready",
    DeliveryStage.DELIVERED: "deliveries.delivery.delivered",
    DeliveryStage.FAILED: "deliveries.delivery.failed",
    DeliveryStage.WITHDRAWN: "deliveries.delivery.withdrawn",
    DeliveryStage.LAPSED: "deliveries.delivery.lapsed",
}
"""Stage to the act that reaches it."""
