# SPDX-License-Identifier: Apache-2.0
"""Spark Connect, the engine at scale."""
