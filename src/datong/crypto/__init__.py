# SPDX-License-Identifier: Apache-2.0
"""Signatures, digests and ciphers behind one small interface: international and 国密."""
