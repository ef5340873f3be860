# SPDX-License-Identifier: Apache-2.0
"""The composition root: settings, urls, wiring, the node and the command line."""
