# SPDX-License-Identifier: Apache-2.0
"""Who lives on a published resource: asked of whoever knows, through the guards that the node wires.

Kept here: the catalogue knows no grants. `WITHDRAWAL_GUARDS` of the settings names functions of contexts above: resource
code to the numbers of what would lose its data; `ALTERATION_GUARDS` those that are given the items that go away too. A word
on paper settles nothing: only a change that was negotiated, filed and took effect opens the way (809 art. 27).
"""

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from datong.contexts.catalog.permissions import RULE_27
from datong.kernel.errors import Refused

REMEDY = "由提供部门负责人提出服务变更，与使用部门协商并报主管部门备案"


def uses_of(code: str) -> list[str]:
    """Give the numbers of everything that lives on a resource now."""
    return sorted(number for guard in settings.WITHDRAWAL_GUARDS for number in import_string(guard)(code))


def check_unused(code: str) -> None:
    """Check that nobody would lose a service that was not negotiated and filed first (809 art. 27).

    Args:
        code: Of the resource.

    Raises:
        Refused: Something lives on the resource.
    """
    uses = uses_of(code)
    if uses:
        raise Refused(
            f"有 {len(uses)} 件在用授权，未经协商并备案不得撤销 ({len(uses)} live grants: negotiate and file first)",
            fields={"grants": "、".join(uses[:20])},
            remedy=f"{REMEDY}；停止生效后再申请撤销 (propose a change of the service; withdraw when it took effect)",
            rule=RULE_27,
        )


def check_unharmed(code: str, before: Iterable[str], after: Iterable[str]) -> None:
    """Check that no item goes away that somebody uses, unless that was negotiated and filed (809 art. 27).

    Args:
        code: Of the resource.
        before: Items of the version that is published.
        after: Items of the one to be published. What is withheld by law stays an item: the law is good cause.

    Raises:
        Refused: A live grant holds an item that would go away.
    """
    lost = sorted(set(before) - set(after))
    harmed = [number for guard in settings.ALTERATION_GUARDS for number in import_string(guard)(code, lost)] if lost else []
    if harmed:
        raise Refused(
            f"有 {len(harmed)} 件在用授权使用拟删除的信息项 ({len(harmed)} live grants use items that would go away)",
            fields={"items": "、".join(lost[:20]), "grants": "、".join(sorted(harmed)[:20])},
            remedy=f"{REMEDY} (propose a change of the service first)",
            rule=RULE_27,
        )
