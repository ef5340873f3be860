# SPDX-License-Identifier: Apache-2.0
"""To whose authority a dispute goes: the same level's, or that of the common superior across levels and regions (809 art. 28).

Kept here: the answer is read from the tree of divisions alone; whether that authority works in this node is another question.
"""

from collections.abc import Mapping

from datong.kernel.errors import Malformed

RULE_28 = "政务数据共享条例第二十八条 (Order 809 art. 28)"


def line_of(above: Mapping[str, str], code: str) -> list[str]:
    """Give a division and those above it, the nearest first.

    Args:
        above: Division code to the code of the one above, "" at the top.
        code: Division code.

    Raises:
        Malformed: The division is not in the tree.
    """
    if code not in above:
        raise Malformed(f"区划 {code} 不在区划树中 (division {code} is not in the tree)", rule=RULE_28)
    found: list[str] = []
    while code and code not in found:
        found.append(code)
        code = above.get(code, "")
    return found


def common_superior(above: Mapping[str, str], one: str, other: str) -> str:
    """Give the lowest division that is, or stands above, both.

    Args:
        above: Division code to the code of the one above, "" at the top.
        one: Division of one party.
        other: Division of the other party.

    Raises:
        Malformed: A division is not in the tree, or the two have nothing in common.
    """
    held = set(line_of(above, one))
    for code in line_of(above, other):
        if code in held:
            return code
    raise Malformed(f"{one} 与 {other} 没有共同上级 (the two divisions have no common superior)", rule=RULE_28)
