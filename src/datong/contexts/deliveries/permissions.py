# SPDX-License-Identifier: Apache-2.0
"""Who asks for deliveries, takes their files and withdraws them: the department a grant was given to.

Kept here: who sees a grant sees its deliveries (sharing: `visible_grants`); what was delivered only the consumer gets.
"""

from __future__ import annotations

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

CONSUMERS = frozenset({Role.APPLICANT, Role.CONSUMER_HEAD})
TRACERS = frozenset({Role.PROVIDER_HEAD, Role.AUTHORITY, Role.AUDITOR, Role.SECURITY})


@answerable
def check_may_take(by: Officer, consumer: str) -> None:
    """Asking for a delivery, taking its files and withdrawing it belong to the consumer.

    Raises:
        Refused: anyone else.
    """
    if by.department != consumer or not by.holds(*CONSUMERS):
        raise Refused(
            "交付由授权的使用部门办理 (deliveries are for the department the grant was given to)",
            rule="政务数据共享条例第二十五条 (Order 809 art. 25)",
            remedy="请使用部门的申请人办理 (ask an applicant of the consumer)",
        )


@answerable
def check_may_trace(by: Officer) -> None:
    """Finding whose copy leaked belongs to those who answer for the data or watch over their use.

    Raises:
        Refused: anyone else.
    """
    if not by.holds(*TRACERS):
        raise Refused(
            "泄露溯源由提供部门负责人、主管部门、安全保密员或者安全审计员办理 (not yours to trace)",
            remedy="请上述人员办理 (ask one of them)",
        )
