# SPDX-License-Identifier: Apache-2.0
"""Audit: the spine of acts, and the evidence made of it."""
