# SPDX-License-Identifier: Apache-2.0
"""The application of subscriptions."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Django's handle on the subscriptions context."""

    name = "datong.contexts.subscriptions"
    label = "subscriptions"
    verbose_name = "数据订阅"

    def ready(self) -> None:
        """Hang onto exchange: who follows is part of the policy, events follow landings, reads are noted with calls."""
        from datong.contexts.exchange import face as exchange  # noqa: PLC0415  models are ready now
        from datong.contexts.subscriptions import usecases  # noqa: PLC0415

        exchange.add_to_policy(usecases.into_policy)
        exchange.after_landing(usecases.tell)
        exchange.with_calls(usecases.note_reads)
