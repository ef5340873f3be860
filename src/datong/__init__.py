# SPDX-License-Identifier: Apache-2.0
"""Datong (大同): the integrated government data platform as one program."""

__version__ = "0.1.0"
