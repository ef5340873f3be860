# SPDX-License-Identifier: Apache-2.0
"""Pure rules of corrections: the life of a report, what a check found, the case at the window, recall and receipts."""
