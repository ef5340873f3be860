# SPDX-License-Identifier: Apache-2.0
"""Disputes between departments with their full record, and complaints by the public.

Kept here: the record only grows; what a citizen writes and how he can be reached is sealed, his code only hashed.
"""

from datong.contexts.disputes.models.complaints import Complaint, ComplaintEntry, Knock
from datong.contexts.disputes.models.disputes import Dispute, Paper, Statement

__all__ = ["Complaint", "ComplaintEntry", "Dispute", "Knock", "Paper", "Statement"]
