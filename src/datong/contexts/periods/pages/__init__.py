# SPDX-License-Identifier: Apache-2.0
"""Pages of periods: notices of one's posts, running periods and 督办."""
