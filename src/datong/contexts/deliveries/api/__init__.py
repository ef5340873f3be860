# SPDX-License-Identifier: Apache-2.0
"""The API of deliveries."""

from datong.contexts.deliveries.api.routes import router

__all__ = ["router"]
