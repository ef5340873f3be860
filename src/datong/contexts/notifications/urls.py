# SPDX-License-Identifier: Apache-2.0
"""Addresses of notifications."""

from django.urls import path

from datong.contexts.notifications.pages import choosing

app_name = "notifications"
urlpatterns = [
    path("notifications", choosing.messages_of, name="messages"),
    path("notifications/preferences", choosing.prefer, name="prefer"),
    path("notifications/webhook/<slug:act>", choosing.webhook, name="webhook"),
    path("notifications/messages/<int:message>/replay", choosing.replay, name="replay"),
]
