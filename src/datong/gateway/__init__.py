# SPDX-License-Identifier: Apache-2.0
"""The data-plane server: authenticate, grant, plan, mask, answer, evidence. No Django."""
