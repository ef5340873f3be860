# SPDX-License-Identifier: Apache-2.0
"""Connections: how this node reaches other people's databases, stores and interfaces."""
