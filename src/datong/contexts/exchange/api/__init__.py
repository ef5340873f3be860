# SPDX-License-Identifier: Apache-2.0
"""The API of exchange."""

from datong.contexts.exchange.api.routes import router

__all__ = ["router"]
