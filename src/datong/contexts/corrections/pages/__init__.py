# SPDX-License-Identifier: Apache-2.0
"""Pages of corrections: report an error, the list, one report with its stations, recalls with their receipts."""
