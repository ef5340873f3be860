# SPDX-License-Identifier: Apache-2.0
"""The exchange application."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Django's handle on the exchange context."""

    name = "datong.contexts.exchange"
    label = "exchange"
    verbose_name = "交换"
