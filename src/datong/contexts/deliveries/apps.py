# SPDX-License-Identifier: Apache-2.0
"""The application of deliveries."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    """Django's handle on the deliveries context."""

    name = "datong.contexts.deliveries"
    label = "deliveries"
    verbose_name = "数据交付"

    def ready(self) -> None:
        """Hang onto exchange: what was delivered is a use in the lineage of a resource."""
        from datong.contexts.deliveries import queries  # noqa: PLC0415  models are ready now
        from datong.contexts.exchange import face as exchange  # noqa: PLC0415

        exchange.with_uses(queries.uses_of)
