# SPDX-License-Identifier: Apache-2.0
"""Portal: search, workbench and the front page; reads only."""
