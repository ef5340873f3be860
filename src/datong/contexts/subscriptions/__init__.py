# SPDX-License-Identifier: Apache-2.0
"""Subscriptions: changes told to those a grant was given to."""
