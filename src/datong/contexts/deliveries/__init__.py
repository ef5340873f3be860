# SPDX-License-Identifier: Apache-2.0
"""Deliveries: files and tables carried to those a grant was given to."""
