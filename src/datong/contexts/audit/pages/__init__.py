# SPDX-License-Identifier: Apache-2.0
"""Pages of audit: the acts, and the evidence with its verification."""
