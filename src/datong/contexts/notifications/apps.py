# SPDX-License-Identifier: Apache-2.0
"""The application of notifications."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Django's handle on the notifications context."""

    name = "datong.contexts.notifications"
    label = "notifications"
    verbose_name = "消息"
