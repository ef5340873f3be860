# SPDX-License-Identifier: Apache-2.0
"""Pages of sharing: ask, endorse, decide, and the grant that comes of it."""
