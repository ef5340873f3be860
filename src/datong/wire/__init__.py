# SPDX-License-Identifier: Apache-2.0
"""Formats spoken between parts and with others: encode, decode, schemas; no I/O."""
