# SPDX-License-Identifier: Apache-2.0
"""The class tree 类/项/目/细目: seeded with the national part, extended by the authority.

Kept here: a class is never renumbered or removed, for codes rest on it. Each national 项 gets one 目 "001" so that a
new node can compile at once.
"""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.models import ClassNode
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.codes import ResourceCode
from datong.kernel.errors import Conflict, Malformed

FIRST_SUBITEM = ("001", "综合")
LONGEST_NAME = 200
_LEVELS = {1: 1, 3: 2, 6: 3}


def level_of(code: str) -> int:
    """Give the level of a class by the digits of its code: 1 类, 3 项, 6 目, more 细目."""
    return _LEVELS.get(len(code), 4)


@transaction.atomic
def seed_classes(*, by: Officer = SYSTEM) -> int:
    """Add the national classes that are missing.

    Returns:
        How many were added; nothing is recorded when that is none.
    """
    text = resources.files("datong.contexts.catalog").joinpath("seeds/classes.json").read_text("utf-8")
    known = {node.code: node for node in ClassNode.objects.all()}
    wanted = {code: name for code, name in _flat(json.loads(text)["classes"]) if code not in known}
    for level in sorted({level_of(code) for code in wanted}):
        nodes = [
            ClassNode(code=code, name=name, parent=_above(code, known), level=level)
            for code, name in wanted.items()
            if level_of(code) == level
        ]
        known |= {node.code: node for node in ClassNode.objects.bulk_create(nodes)}
    added = len(wanted)
    if added:
        audit.record("catalog.classes.seeded", by=by, subject="classes", facts={"added": added})
    return added


def _above(code: str, known: Mapping[str, ClassNode]) -> ClassNode | None:
    return next((known[longer] for longer in sorted(_prefixes(code), key=len, reverse=True) if longer in known), None)


@transaction.atomic
def add_class(code: str, name: str, *, by: Officer) -> ClassNode:
    """Add a 目 or 细目 under a class there is (发改高技〔2017〕1272号: left to each authority).

    Args:
        code: All digits from 类 down, six or more.
        name: What it holds.
        by: The authority.

    Raises:
        Refused: Not the authority.
        Malformed: Not a class code, or nothing above it.
        Conflict: The code is taken.
    """
    permissions.check_may_extend_classes(by)
    ResourceCode(code, 1)
    title = texts.line("name", name, longest=LONGEST_NAME)
    parent = ClassNode.objects.filter(code__in=_prefixes(code), level__gte=2).order_by("-level", "-code").first()
    if parent is None:
        raise Malformed("没有上级分类 (there is no class above it)", fields={"code": "先有项，后有目 (an item first)"})
    made, new = ClassNode.objects.get_or_create(
        code=code, defaults={"name": title, "parent": parent, "level": level_of(code)}
    )
    if not new:
        raise Conflict(f"分类 {code} 已存在 (the class exists)", fields={"code": "已存在 (taken)"})
    audit.record("catalog.class.added", by=by, subject=code, facts={"name": title, "parent": parent.code})
    return made


def _flat(nodes: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        below = node.get("items", [])
        yield node["code"], node["name"]
        if level_of(node["code"]) == 2 and not below:
            yield node["code"] + FIRST_SUBITEM[0], FIRST_SUBITEM[1]
        yield from _flat(below)


def _prefixes(code: str) -> list[str]:
    return [code[:end] for end in range(1, len(code))]
