# SPDX-License-Identifier: Apache-2.0
"""Writes of notifications: choose, spread notices to people, send, send again."""

from datong.contexts.notifications.usecases.choosing import Hooked, hook, prefer, replay, try_webhook, unhook
from datong.contexts.notifications.usecases.sending import send_due
from datong.contexts.notifications.usecases.spreading import spread

__all__ = ["Hooked", "hook", "prefer", "replay", "send_due", "spread", "try_webhook", "unhook"]
