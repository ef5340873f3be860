# SPDX-License-Identifier: Apache-2.0
"""Who keeps the connections of a department, and who sees them.

Kept here: a connection is kept and used by the department whose account stands in it, as its provider or as the receiver
of deliveries; those who supervise see that it is there and what it is used for. Nobody ever sees its secret again.
"""

from __future__ import annotations

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

KEEPERS = frozenset({Role.COMPILER, Role.PROVIDER_HEAD, Role.APPLICANT, Role.CONSUMER_HEAD})
SUPERVISORS = frozenset({Role.AUTHORITY, Role.AUDITOR, Role.SECURITY})
RULE = "谁主管谁提供谁负责，政务数据共享条例第十八条 (Order 809 art. 18)"


@answerable
def check_may_keep(by: Officer, department: str) -> None:
    """Adding, testing, changing and retiring a connection belongs to its own department.

    Raises:
        Refused: of another department, or in no role that provides or receives data.
    """
    if not by.department or by.department != department or not by.holds(*KEEPERS):
        raise Refused(
            "数据源连接由本部门的编制人、申请人或者负责人维护 (a connection is kept by its own department)",
            rule=RULE,
            remedy="请连接所属部门办理 (ask the department the connection belongs to)",
        )


def sees_all(by: Officer) -> bool:
    """Whether an officer sees the connections of every department, without their secrets."""
    return by.holds(*SUPERVISORS)


def sees_own(by: Officer) -> bool:
    """Whether an officer sees the connections of the own department."""
    return bool(by.department) and by.holds(*KEEPERS)
