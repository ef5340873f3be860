# SPDX-License-Identifier: Apache-2.0
"""Reads of subscriptions: who sees which, one, its dead letters, how far behind it is."""

from datong.contexts.subscriptions.queries.subscriptions import (
    Standing,
    dead_letter_of,
    live_grants,
    of_grant,
    standing,
    stream_of,
    subscription_of,
    subscriptions,
)

__all__ = ["Standing", "dead_letter_of", "live_grants", "of_grant", "standing", "stream_of", "subscription_of", "subscriptions"]
