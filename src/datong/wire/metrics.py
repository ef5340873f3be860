# SPDX-License-Identifier: Apache-2.0
"""Figures as Prometheus reads them: the text format 0.0.4.

Kept here: a family is told once, its help and type before its samples; labels are few and name no person.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples.

    Attributes:
        name: Of letters, digits and underscores.
        kind: Counters never shrink but by a new start.
        told: What it says, in one line.
        samples: Labels and value; of a histogram the name's ending stands in the label `""`.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    told: str
    samples: Sequence[Sample]


def histogram(labels: Labels, edges: Sequence[float], steps: Mapping[int, int], total: float | None = None) -> list[Sample]:
    """Samples of one histogram.

    Args:
        labels: Of all its samples.
        edges: Upper edges, rising.
        steps: Place of an edge to how many lie in its step alone; the place behind the last edge is for all above it.
        total: Sum of what was measured, where it is known.
    """
    found: list[Sample] = []
    passed = 0
    for place, edge in enumerate(edges):
        passed += steps.get(place, 0)
        found.append(({"": "_bucket", **labels, "le": shown(edge)}, passed))
    count = sum(steps.values())
    found.append(({"": "_bucket", **labels, "le": "+Inf"}, count))
    if total is not None:
        found.append(({"": "_sum", **labels}, total))
    found.append(({"": "_count", **labels}, count))
    return found


def text(families: Iterable[Family]) -> str:
    """Write families down."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.told)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [_line(family.name, labels, value) for labels, value in family.samples]
    return "\n".join(lines) + "\n"


def _line(name: str, labels: Labels, value: float) -> str:
    named = ",".join(f'{label}="{_quoted(said)}"' for label, said in labels.items() if label)
    return f"{name}{labels.get('', '')}{{{named}}} {shown(value)}" if named else f"{name}{labels.get('', '')} {shown(value)}"


def shown(value: float) -> str:
    """A number as the format writes it."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else str(int(value)) if value == int(value) else repr(float(value))


def _escaped(said: str) -> str:
    return said.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(said: str) -> str:
    return _escaped(said).replace('"', '\\"')
