# SPDX-License-Identifier: Apache-2.0
"""Who subscribes, and who sees subscriptions: the consumer of the grant keeps them, both sides and supervisors see them."""

from __future__ import annotations

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

CONSUMERS = (Role.APPLICANT, Role.CONSUMER_HEAD)
PROVIDERS = (Role.COMPILER, Role.PROVIDER_HEAD)
OVERSEERS = (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY)


@answerable
def check_may_keep(by: Officer, consumer: str) -> None:
    """Making and keeping a subscription belongs to the department the grant was given to.

    Raises:
        Refused: anyone else.
    """
    if by.department != consumer or not by.holds(*CONSUMERS):
        raise Refused(
            "订阅由获得授权的部门办理 (subscriptions belong to the department the grant was given to)",
            rule="政务数据共享条例第二十五条 (Order 809 art. 25)",
            remedy="请使用部门的申请人或者负责人办理 (ask an applicant or the head of the consumer)",
        )


def sees_all(by: Officer) -> bool:
    """Whether the officer sees every subscription of the node."""
    return by.holds(*OVERSEERS)
