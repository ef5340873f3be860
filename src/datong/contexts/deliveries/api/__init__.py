# SPDX-License-Identifier: Apache-2.0
"""The API of deliveries."""

from ninja import Router

router = Router()

__all__ = ["router"]
