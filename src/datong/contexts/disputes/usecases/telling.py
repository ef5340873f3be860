# SPDX-License-Identifier: Apache-2.0
"""Who is told what of a dispute or a complaint: the parties' posts, the authority that handles it.

Kept here: where nobody holds the post of the authority the law names, the node's highest one is told, in words that say
so: the dispute did not go anywhere by itself.
"""

from datong.contexts.disputes import permissions, queries
from datong.contexts.disputes.domain.disputes import Side
from datong.contexts.disputes.models import Complaint, Dispute
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM, Officer, Role

DISPUTE = "dispute"
COMPLAINT = "complaint"
TOLD = periods.NoticeKind.TOLD
PARTIES = (Side.CONSUMER, Side.PROVIDER)


def party(row: Dispute, side: Side, words: str, *, by: Officer) -> None:
    """Tell the posts of one party."""
    home = row.consumer if side is Side.CONSUMER else row.provider
    for role in permissions.POSTS[side]:
        periods.tell(TOLD, _about(row), periods.Holder(role, home.uscc, home.region_id), words, by=by)


def parties(row: Dispute, words: str, *, by: Officer, but: Side | None = None) -> None:
    """Tell both parties, or the one that did not act."""
    for side in PARTIES:
        if side is not but:
            party(row, side, words, by=by)


def authority(row: Dispute, words: str, *, by: Officer) -> queries.Seat:
    """Tell the authority a dispute is routed to, or the highest of the node where nobody sits there."""
    found = queries.seat(row.region, row.region_name)
    if found.handler and not found.present:
        words = (
            f"应由{found.name}数据共享主管部门办理，本节点没有该主管部门的账号，请按公文渠道转送并登记结果 "
            f"(nobody holds the authority of {found.name} here: send it on by official channel and record the outcome)"
        )
    if found.handler:
        periods.tell(TOLD, _about(row), periods.Holder(Role.AUTHORITY, "", found.handler), words, by=by)
    return found


def done(row: Dispute, *, by: Officer) -> None:
    """Settle what asked for something in a dispute."""
    periods.done_with(DISPUTE, row.number, by=by)


def complaint_authority(row: Complaint, words: str, *, by: Officer = SYSTEM) -> None:
    """Tell the highest authority of the node of a complaint."""
    top = queries.highest()
    if top:
        periods.tell(TOLD, _of(row), periods.Holder(Role.AUTHORITY, "", top), words, by=by)


def complaint_department(row: Complaint, words: str, *, by: Officer) -> None:
    """Tell every post of the department a complaint is assigned to."""
    for role in permissions.MEMBERS:
        periods.tell(TOLD, _of(row), periods.Holder(role, row.department.uscc, row.department.region_id), words, by=by)


def complaint_done(row: Complaint, *, by: Officer) -> None:
    """Settle what asked for something in a complaint."""
    periods.done_with(COMPLAINT, row.number, by=by)


def _about(row: Dispute) -> periods.Subject:
    return periods.Subject(DISPUTE, row.number, row.title, row.href)


def _of(row: Complaint) -> periods.Subject:
    return periods.Subject(COMPLAINT, row.number, row.title, row.href)
