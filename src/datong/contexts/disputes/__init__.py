# SPDX-License-Identifier: Apache-2.0
"""Disputes between departments (809 art. 28) and complaints of the public (art. 37)."""
