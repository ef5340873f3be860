# SPDX-License-Identifier: Apache-2.0
"""X-Road clients at the gateway: the same grants, checks and evidence under another tongue."""
