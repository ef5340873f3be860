# SPDX-License-Identifier: Apache-2.0
"""The front door of subscriptions: what the worker does again and again."""

from datong.contexts.subscriptions.usecases import plan, push_due, sweep, tell

__all__ = ["plan", "push_due", "sweep", "tell"]
