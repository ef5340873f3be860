# SPDX-License-Identifier: Apache-2.0
"""Both languages are whole: every word on a page can be translated, and is."""

from __future__ import annotations

import ast
import re

import messages
import pytest

from factories.house import shown, with_suffix

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = frozenset({"中文", "大同", "简体中文"})
TAGS = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->|{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}", re.DOTALL
)
HOLES = re.compile(r"%\((\w+)\)[sd]")
CATALOG = messages.merged()


def test_messages_are_found():
    assert len(CATALOG) > 300


def test_every_message_has_its_english():
    assert [one.id for one in CATALOG if one.id and not _whole(one)] == []


def test_english_is_english():
    assert [one.string for one in CATALOG if one.id and CHINESE.search(_text(one.string)) and _text(one.id) not in NAMES] == []


def test_english_fills_the_same_holes():
    torn = [one.id for one in CATALOG if one.id and _whole(one) and _holes(one.id) != _holes(one.string)]
    assert torn == []


def test_the_catalogue_holds_what_is_asked_for_and_nothing_else():
    assert messages.PO.exists(), "python requirements/messages.py"
    with messages.PO.open("rb") as handle:
        there = {(one.context, one.id) for one in messages.read_po(handle, locale="en") if one.id}
    assert there == {(one.context, one.id) for one in CATALOG if one.id}


@pytest.mark.parametrize("file", with_suffix(".html", under="src"), ids=shown)
def test_no_template_says_what_cannot_be_translated(file):
    left = TAGS.sub(" ", file.read_text("utf-8"))
    assert [line.strip() for line in left.splitlines() if CHINESE.search(line) and line.strip() not in NAMES] == []


def test_no_page_says_what_cannot_be_translated():
    pages = [file for file in with_suffix(".py", under="src") if "pages" in file.parts]
    assert [place for file in pages for place in _bare(file)] == []


def _bare(file) -> list[str]:
    """Chinese in code that no gettext sees: places."""
    tree = ast.parse(file.read_text("utf-8"))
    seen = {id(node) for call in ast.walk(tree) if _translates(call) for node in ast.walk(call)}
    seen |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    return [
        f"{shown(file)}:{node.lineno} {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        if id(node) not in seen and node.value not in NAMES
    ]


def _translates(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in messages.KEYWORDS


def _text(words) -> str:
    return words if isinstance(words, str) else " ".join(words)


def _holes(words) -> set[str]:
    return set(HOLES.findall(_text(words)))


def _whole(message) -> bool:
    return all(message.string) if message.pluralizable else bool(message.string)


