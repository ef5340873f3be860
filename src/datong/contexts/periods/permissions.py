# SPDX-License-Identifier: Apache-2.0
"""Who may press for what is late, and who has seen to a notice."""

from datong.kernel.actors import Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused

RULE_29 = "政务数据共享条例第二十九条"


@answerable
def check_may_urge(by: Officer, region: str) -> None:
    """Check that an officer is the authority of the region: it supervises (809 art. 29).

    Raises:
        Refused: Anyone else.
    """
    if not by.holds(Role.AUTHORITY) or by.region != region:
        raise Refused(
            "督办由同级数据共享主管部门发出 (the authority of the region presses for what is late)",
            remedy="请同级主管部门督办 (ask the authority)",
            rule=RULE_29,
        )


def sees_all_periods(by: Officer) -> bool:
    """Tell whether an officer sees the clocks of every department of the node."""
    return by.holds(Role.AUDITOR)
