# SPDX-License-Identifier: Apache-2.0
"""The demonstration: one story with real data, told through the same doors as any user."""
