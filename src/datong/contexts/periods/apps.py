# SPDX-License-Identifier: Apache-2.0
"""The application of periods."""

from django.apps import AppConfig


class PeriodsConfig(AppConfig):
    """Django's handle on the periods context."""

    name = "datong.contexts.periods"
    label = "periods"
    verbose_name = "期限与督办"
