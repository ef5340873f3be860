# SPDX-License-Identifier: Apache-2.0
"""Why something was found: what is marked in a hit, and what is said where the hit itself does not show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

from datong.contexts.catalog.domain.asking import Asked, Word
from datong.contexts.catalog.domain.views import Reason
from datong.kernel.labels import Labelled

MOST = 4


class Found(Labelled):
    """What a word met (命中原因)."""

    ITEM = "item", "信息项"
    CLASS = "class", "分类"
    SYNONYM = "synonym", "同义词"
    SOUND = "sound", "读音"


@dataclass(frozen=True, slots=True)
class Said:
    """What a hit says.

    Attributes:
        shown: Texts the hit shows: name, department, abstract, code.
        class_name: Name of its class.
        items: (name, field) of its items, as far as the reader may know them; looked at where nothing shown tells why.
    """

    shown: tuple[str, ...]
    class_name: str
    items: Iterable[tuple[str, str]]


def explain(asked: Asked, said: Said, tongue: ModuleType) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """Give why an entry was found.

    Returns:
        Reasons that have to be said, and texts to be marked.
    """
    shown = "\n".join("\n".join(tongue.runs(text)) for text in said.shown)
    reasons: list[Reason] = []
    marks: list[str] = []
    for word in asked.words:
        for reason, mark in _found(word, shown, said, tongue):
            reasons += [reason] if reason else []
            marks += [mark] if mark else []
    return tuple(dict.fromkeys(reasons))[:MOST], tuple(dict.fromkeys(marks))


def _found(word: Word, shown: str, said: Said, tongue: ModuleType) -> Iterator[tuple[Reason | None, str]]:
    if word.text in shown or word.kind == "code":
        yield None, word.text
        return
    for name in word.names:
        if name in shown:
            yield Reason(Found.SYNONYM, f"{word.text} = {name}"), name
            return
    held = _below(word, said)
    if held:
        yield held, word.text
        return
    sound = _sounding(word, said, tongue)
    if sound:
        yield Reason(Found.SOUND, f"{word.text} → {sound}"), sound


def _below(word: Word, said: Said) -> Reason | None:
    texts = (word.text, *word.names)
    for name, field in said.items:
        if any(text in name.lower() for text in texts) or field in texts:
            return Reason(Found.ITEM, name)
    return Reason(Found.CLASS, said.class_name) if any(text in said.class_name for text in texts) else None


def _sounding(word: Word, said: Said, tongue: ModuleType) -> str:
    letters = word.text if word.kind == "latin" else tongue.sounded(word.text).letters if word.kind == "chinese" else ""
    return next(filter(None, (tongue.span(text, letters) for text in said.shown)), "") if letters else ""
