# SPDX-License-Identifier: Apache-2.0
"""Stages: a workflow is a table of what may follow what.

Kept here: `move` is the only way to change a stage; the diagram in the docs is drawn from the same table. The first
row of a table is where things begin; a row without followers is an end.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import TypeVar

from datong.kernel.errors import IllegalMove

Stage = TypeVar("Stage", bound=StrEnum)


def move(table: Mapping[Stage, AbstractSet[Stage]], subject: str, now: Stage, wanted: Stage) -> Stage:
    """Give `wanted` if it may follow `now`.

    Args:
        table: Stage to the stages that may follow it.
        subject: What is moved, for the message ("request 12").
        now: Present stage.
        wanted: Stage asked for.

    Raises:
        IllegalMove: It may not follow.
    """
    if wanted not in table[now]:
        allowed = ", ".join(sorted(table[now])) or "nothing: this is an end"
        raise IllegalMove(subject, now, wanted, remedy=f"from {now} may follow {allowed}")
    return wanted


def mermaid(table: Mapping[Stage, AbstractSet[Stage]], labels: Mapping[Stage, str]) -> str:
    """Draw a table as a Mermaid state diagram, the same text each time.

    Args:
        table: Stage to the stages that may follow it; the first is the beginning.
        labels: Stage to the label shown.

    Returns:
        Lines of a stateDiagram-v2, ending in a newline.
    """
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{labels[stage]} ({stage})" as {stage}' for stage in table]
    lines.append(f"    [*] --> {next(iter(table))}")
    for stage, followers in table.items():
        lines += [f"    {stage} --> {follower}" for follower in table if follower in followers]
        if not followers:
            lines.append(f"    {stage} --> [*]")
    return "\n".join(lines) + "\n"
