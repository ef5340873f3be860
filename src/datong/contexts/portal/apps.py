# SPDX-License-Identifier: Apache-2.0
"""The portal application."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Django's handle on the portal context."""

    name = "datong.contexts.portal"
    label = "portal"
    verbose_name = "门户"
