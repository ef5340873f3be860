# SPDX-License-Identifier: Apache-2.0
"""Datong (大同): the integrated government data platform as one program."""
