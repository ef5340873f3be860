# SPDX-License-Identifier: Apache-2.0
"""The application of subscriptions."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Django's handle on the subscriptions context."""

    name = "datong.contexts.subscriptions"
    label = "subscriptions"
    verbose_name = "数据订阅"
