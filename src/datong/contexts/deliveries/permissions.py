# SPDX-License-Identifier: Apache-2.0
"""Who asks for deliveries, takes their files and withdraws them: the department a grant was given to.

Kept here: who sees a grant sees its deliveries (sharing: `visible_grants`); what was delivered only the consumer gets.
"""

from __future__ import annotations

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

CONSUMERS = frozenset({Role.APPLICANT, Role.CONSUMER_HEAD})


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
