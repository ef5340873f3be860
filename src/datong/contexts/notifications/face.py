# SPDX-License-Identifier: Apache-2.0
"""The front door of notifications: carry new notices to people, and what a person's messages came to."""

from datong.contexts.notifications.queries import dispatches
from datong.contexts.notifications.usecases import spread

__all__ = ["dispatches", "spread"]
