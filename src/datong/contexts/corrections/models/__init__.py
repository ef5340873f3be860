# SPDX-License-Identifier: Apache-2.0
"""Reports of errors with their evidence, the gateways' inbox, recalls with their receipts.

Kept here: what a report says of a person (key, values, words, number of a proof) is sealed; the rest is in the clear.
Departments and resources are keyed by what people and documents call them.
"""

from datong.contexts.corrections.models.inbox import Inbox
from datong.contexts.corrections.models.recalls import Recall, Receipt
from datong.contexts.corrections.models.reports import Correction, Evidence

__all__ = ["Correction", "Evidence", "Inbox", "Recall", "Receipt"]
