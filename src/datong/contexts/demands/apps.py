# SPDX-License-Identifier: Apache-2.0
"""The application of demands."""

from django.apps import AppConfig


class DemandsConfig(AppConfig):
    """Django's handle on the demands context."""

    name = "datong.contexts.demands"
    label = "demands"
    verbose_name = "供需对接"
