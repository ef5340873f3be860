# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident evidence log: durable segments, Merkle tree, checkpoints, receipts, verifier."""
