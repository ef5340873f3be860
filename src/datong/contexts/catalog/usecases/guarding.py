# SPDX-License-Identifier: Apache-2.0
"""Who lives on a published resource: asked of whoever knows, through the guards that the node wires.

Kept here: the catalogue knows no grants. `WITHDRAWAL_GUARDS` of the settings names functions of contexts above: resource
code to the numbers of what would lose its data.
"""

from django.conf import settings
from django.utils.module_loading import import_string

from datong.contexts.catalog.permissions import RULE_27
from datong.kernel.errors import Refused


def uses_of(code: str) -> list[str]:
    """Give the numbers of everything that lives on a resource now."""
    return sorted(number for guard in settings.WITHDRAWAL_GUARDS for number in import_string(guard)(code))


def check_unused(code: str, negotiation: str = "") -> None:
    """Check that nobody loses data without having been asked (809 art. 27).

    Args:
        code: Of the resource.
        negotiation: What was settled with the users, and its filing.

    Raises:
        Refused: Something lives on the resource and nothing was settled.
    """
    uses = [] if negotiation.strip() else uses_of(code)
    if uses:
        raise Refused(
            f"有 {len(uses)} 件在用授权，未经协商并备案不得撤销 ({len(uses)} live grants: negotiate and file first)",
            fields={"negotiation": "、".join(uses[:20])},
            remedy="与使用部门协商，写明协商结果和备案情况，由负责人申请撤销 (negotiate, then ask with what was settled)",
            rule=RULE_27,
        )
