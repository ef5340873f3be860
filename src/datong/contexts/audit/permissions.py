# SPDX-License-Identifier: Apache-2.0
"""Who may read the acts, who may have the evidence verified, and who may ask about persons."""

from __future__ import annotations

from datong.contexts.audit.domain import SEES_ALL
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.checks import answerable
from datong.kernel.errors import Refused


def sees_all(by: Officer) -> bool:
    """Tell whether an officer reads the acts of every department."""
    return by.holds(*SEES_ALL)


def check_may_search(by: Officer) -> None:
    """Check that an officer may search the records of every log.

    Raises:
        Refused: Not the auditor, the authority or the security officer.
    """
    if not sees_all(by):
        raise Refused(
            "留痕由安全审计员、主管部门或安全保密员查阅 (auditor, authority and security officer search the evidence)",
            remedy="请其中一方办理；自己的操作见“操作记录” (ask one of them; your own acts are under acts)",
        )


@answerable
def check_may_ask_about_persons(by: Officer) -> None:
    """Check that an officer may ask who looked at a person's data; on the machine of the node, whoever may run commands.

    Raises:
        Refused: Not the auditor.
    """
    if by != SYSTEM and not by.holds(Role.AUDITOR):
        raise Refused(
            "谁查过某人的数据由安全审计员查询 (the auditor asks who looked at a person's data)",
            remedy="请安全审计员办理 (ask the auditor)",
        )


def check_may_verify(by: Officer) -> None:
    """Check that an officer may have the whole evidence verified.

    Raises:
        Refused: Not the auditor, the authority or the security officer.
    """
    if not sees_all(by):
        raise Refused(
            "the evidence is verified by the auditor, the authority or the security officer",
            remedy="ask one of them, or verify a copy offline: datong ledger verify",
        )
