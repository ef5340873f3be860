# SPDX-License-Identifier: Apache-2.0
"""The data plane's hands: lake tables, landing, serving index, plans."""
