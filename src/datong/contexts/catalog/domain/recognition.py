# SPDX-License-Identifier: Apache-2.0
"""Recognise sensitive items from header words and sample values, and propose mark, level and mask.

Kept here: a finding is a proposal with a confidence and a reason a person can check, never taken without that person;
the values looked at are not kept. Where header words speak of several kinds the last word counts, since in Chinese it
names the thing (联系人电话 is a telephone, 身份证地址 an address).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from datong.contexts.catalog.domain.sensitive import MARKS, OF_ORGANISATIONS, ORGANISATIONAL, Marks, SensitiveKind
from datong.kernel.errors import Malformed
from datong.kernel.identifiers import check_resident_id
from datong.kernel.masks import PRESETS, Mask, apply
from datong.kernel.sharing import Level

MOST_SAMPLES = 500
ENOUGH = 5
"""Fewer values prove nothing by themselves."""
MOSTLY = 0.8
HARDLY = 0.2
LEAST = 0.5
"""Confidence below which nothing is proposed."""
_WORD = re.compile(r"[a-z]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Finding:
    """What an item seems to hold.

    Attributes:
        kind: Which kind.
        confidence: 0 to 1.
        reason: What speaks for it, in both languages; no value is quoted.
        personal: Proposed mark of personal information.
        level: Proposed level (GB/T 43697-2024).
        mask: Proposed mask in its text form.
    """

    kind: SensitiveKind
    confidence: float
    reason: str
    personal: bool
    level: Level
    mask: str


@dataclass(frozen=True, slots=True)
class _Weight:
    """How much speaks for a kind: `said_at` is where a header names it (-1: none does), `share` the values that check."""

    kind: SensitiveKind
    confidence: float
    said_at: int
    share: float | None

    @property
    def said(self) -> bool:
        return self.said_at >= 0


def recognise(headers: Iterable[str], samples: Iterable[str | None] = ()) -> Finding | None:
    """Give the likeliest kind of an item, or None when nothing speaks for any.

    Args:
        headers: Field, Chinese name, comment: whatever names the item.
        samples: Some of its values; empty ones are passed over.
    """
    words = [header for header in headers if header]
    values = _values(samples)
    weights = [one for one in (_weigh(kind, words, values) for kind in SensitiveKind) if one.confidence >= LEAST]
    if not weights:
        return None
    surest = max(weights, key=lambda one: one.confidence)
    named = max((one for one in weights if one.said), key=lambda one: (one.said_at, one.confidence), default=surest)
    best = surest if not surest.said and surest.confidence > named.confidence else named
    return _finding(best, any(ORGANISATIONAL.search(word) for word in words))


def _values(samples: Iterable[str | None]) -> list[str]:
    texts = ((sample or "").strip() for sample in samples)
    return list(islice(filter(None, texts), MOST_SAMPLES))


def _weigh(kind: SensitiveKind, words: Sequence[str], values: Sequence[str]) -> _Weight:
    marks = MARKS[kind]
    said_at = max((_said_at(marks, word) for word in words), default=-1)
    share = _share(marks.strict, values) if marks.strict and values else None
    confidence = _said(marks, share, values) if said_at >= 0 else _unsaid(kind, share, values)
    return _Weight(kind, confidence, said_at, share)


def _said(marks: Marks, share: float | None, values: Sequence[str]) -> float:
    """A header names the kind: do the values bear it out?"""
    if share is None:
        return 0.7
    if share >= MOSTLY:
        return 0.99
    possible = _share(marks.loose, values) if marks.loose else 1.0
    if possible >= MOSTLY:
        return 0.85
    return 0.3 if possible <= HARDLY else 0.6


def _unsaid(kind: SensitiveKind, share: float | None, values: Sequence[str]) -> float:
    """Only values speak; those of a code list repeat (高中, 初中), names of people hardly do."""
    if share is None or share < MOSTLY or len(values) < ENOUGH:
        return 0.0
    if kind is SensitiveKind.PERSON_NAME and (len(values) < 2 * ENOUGH or len(set(values)) < 0.6 * len(values)):
        return 0.0
    return MARKS[kind].alone


def _said_at(marks: Marks, header: str) -> int:
    """Where in a header the kind is named: the end of the last word, -1 when it is not."""
    found = [one.end() for one in marks.words.finditer(header)]
    if found:
        return max(found)
    parts = _WORD.findall(_CAMEL.sub("_", header).lower())
    return len(header) if marks.abbreviations & {*parts, "".join(parts)} else -1


def _share(check: Callable[[str], bool], values: Sequence[str]) -> float:
    return sum(map(check, values)) / len(values)


def _finding(weight: _Weight, organisational: object) -> Finding:
    marks = MARKS[weight.kind]
    nobodys = bool(organisational) and weight.kind in OF_ORGANISATIONS
    public = marks.harm is None or nobodys
    reasons = [*_reasons(weight)] + ([("属于单位信息，不作个人信息", "of an organisation, not personal")] if nobodys else [])
    return Finding(
        kind=weight.kind,
        confidence=weight.confidence,
        reason=f"{'，'.join(one for one, _ in reasons)} ({', '.join(one for _, one in reasons)})",
        personal=not public,
        level=Level.GENERAL_1 if public else marks.level,
        mask="none" if public else str(marks.mask),
    )


def _reasons(weight: _Weight) -> Iterator[tuple[str, str]]:
    if weight.said:
        yield f"名称写明是{weight.kind.label}", "the header says so"
    if weight.share is None:
        yield "没有可校验的样本", "no values to check"
    elif weight.share > 0:
        percent = int(weight.share * 100)
        yield f"样本中 {percent}% 的值通过校验", f"{percent} % of the sampled values check"
    else:
        yield "样本值未通过校验", "the sampled values do not check"


def masked(value: str | None, finding: Finding | None) -> str:
    """Show a sample value: masked as proposed; what is not recognised keeps only its ends.

    A value that is an identity number is masked whatever its column was taken for.
    """
    text = (value or "").strip()
    if not text:
        return ""
    if finding is not None and finding.mask != "none":
        return str(apply(Mask.parse(finding.mask), text))
    if _personal_anyway(text):
        return str(apply(PRESETS["resident_id"], text))
    return text if finding is not None or len(text) <= 4 else str(apply(Mask("partial", *_ends(text)), text))


def _ends(text: str) -> tuple[int, int]:
    keep = min(4, max(1, len(text) // 4))
    return keep, keep


def _personal_anyway(text: str) -> bool:
    try:
        check_resident_id(text)
    except Malformed:
        return False
    return True
