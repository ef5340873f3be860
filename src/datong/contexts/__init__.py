# SPDX-License-Identifier: Apache-2.0
"""Bounded contexts, one Django app each; entered from outside by their face alone."""
