# SPDX-License-Identifier: Apache-2.0
"""The application of deliveries."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    """Django's handle on the deliveries context."""

    name = "datong.contexts.deliveries"
    label = "deliveries"
    verbose_name = "数据交付"
