# SPDX-License-Identifier: Apache-2.0
"""The API of subscriptions: make, list, pause, go on, end; push and what was given up."""

from datong.contexts.subscriptions.api.routes import router

__all__ = ["router"]
