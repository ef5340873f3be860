# SPDX-License-Identifier: Apache-2.0
"""Backends: the only rooms that know a driver. Nothing is imported here, so each driver loads on first use."""
