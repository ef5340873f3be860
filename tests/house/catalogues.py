# SPDX-License-Identifier: Apache-2.0
"""Every sentence the pages say, found in the sources: what a language catalogue must hold.

Kept here: msgids are Chinese; templates are read as Django reads them, Python by its syntax tree, enumerations by
their labels.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from datong.kernel.labels import Labelled

SOURCE = Path(__file__).resolve().parents[2] / "src/datong"
CALLS = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"})
LOCALE = SOURCE / "config/locale"
SAID = re.compile(r"""(?:\bn?gettext|\b_)\(u?(?P<quote>['"]{1,3})(?P<text>.*?)(?<!\\)(?P=quote)""", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff、。：；，？！]")


def english() -> dict[str, tuple[str, ...]]:
    """Every msgid of the English catalogue to its translation, or its two where it counts."""
    with (LOCALE / "en/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    return {_key(one.id): one.string if isinstance(one.string, tuple) else (one.string,) for one in catalogue if one.id}


def _key(msgid: str | tuple[str, ...]) -> str:
    return msgid[0] if isinstance(msgid, tuple) else msgid


def sentences() -> dict[str, str]:
    """Every msgid to the first place that says it."""
    found: dict[str, str] = {}
    for text, place in (*_templates(), *_python(), *_labels()):
        if CHINESE.search(text):
            found.setdefault(text, place)
    return found


def _templates() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        made = templatize(path.read_text("utf-8"), origin=str(path))
        for said in SAID.finditer(made):
            text = said["text"]
            yield ast.literal_eval(f'"""{text}"""') if '"' not in text[-1:] else text, str(path.relative_to(SOURCE))


def _python() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text("utf-8")
        if "gettext" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            yield from ((said, str(path.relative_to(SOURCE))) for said in _called(node))


def _called(node: ast.AST) -> Iterator[str]:
    """Constants handed to a gettext call; a loop `gettext(word) for word in (…)` says each of its words."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
        yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
    if isinstance(node, ast.ListComp) and any(_is_call(part) for part in ast.walk(node.elt)):
        for part in ast.walk(node.generators[0].iter):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS


def _labels() -> Iterator[tuple[str, str]]:
    """Labels of every enumeration: they are translated where they are shown."""
    for pattern in ("kernel/*.py", "contexts/*/domain.py", "contexts/*/domain/*.py"):
        for path in sorted(SOURCE.glob(pattern)):
            name = ".".join(("datong", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
            yield from ((member.label, name) for member in _members(import_module(name)))


def _members(module: object) -> Iterator[Labelled]:
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, Labelled):
            yield from kind
