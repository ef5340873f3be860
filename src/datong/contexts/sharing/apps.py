# SPDX-License-Identifier: Apache-2.0
"""The sharing application."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Django's handle on the sharing context."""

    name = "datong.contexts.sharing"
    label = "sharing"
    verbose_name = "共享"
