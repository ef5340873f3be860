# SPDX-License-Identifier: Apache-2.0
"""Both languages are whole: every word on a page can be translated, and is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import catalogues
import pytest

from factories.house import ROOT, shown, with_suffix

CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile("中文|大同")
IN_BOTH = {"src/datong/config/templates/errors/broken.html"}
"""Shown when nothing works any more, translation included: it says everything in both languages."""
CHINESE_ON_PURPOSE = {"src/datong/config/pages/voices.py", "src/datong/contexts/sharing/pages/examples.py"}
"""Chinese for sentences whose English stands in the code; programs to copy, with their comments."""
TAGS = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|<!--.*?-->|{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}"
    r"|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
BOTH = re.compile(r"[\u4e00-\u9fff].*\([A-Za-z][^()]*\)")
"""A refusal says its sentence in both languages at once."""
HOLES = re.compile(r"%\((\w+)\)[sd]|%[sd]")
ENGLISH = catalogues.english()
SENTENCES = catalogues.sentences()


def test_sentences_are_found():
    assert len(SENTENCES) > 300


def test_every_sentence_has_its_english():
    missing = {said: place for said, place in SENTENCES.items() if not all(ENGLISH.get(said, ("",)))}
    assert missing == {}


def test_the_catalogue_holds_nothing_that_nobody_says():
    assert sorted(ENGLISH.keys() - SENTENCES.keys()) == []


def test_english_is_english():
    assert [said for said, words in ENGLISH.items() if CHINESE.search(NAMES.sub("", " ".join(words)))] == []


def test_english_fills_the_same_holes():
    torn = [said for said, words in ENGLISH.items() for word in words if set(HOLES.findall(word)) != set(HOLES.findall(said))]
    assert torn == []


@pytest.mark.parametrize("file", with_suffix(".html", under="src"), ids=shown)
def test_no_template_says_what_cannot_be_translated(file):
    left = NAMES.sub("", TAGS.sub(" ", file.read_text("utf-8")))
    bare = [line.strip() for line in left.splitlines() if CHINESE.search(line)]
    assert bare == [] or shown(file) in IN_BOTH


def test_no_page_says_what_cannot_be_translated():
    pages = [file for file in with_suffix(".py", under="src") if "pages" in file.parts and shown(file) not in CHINESE_ON_PURPOSE]
    assert [place for file in pages for place in _bare(file)] == []


def _bare(file: Path) -> list[str]:
    """Chinese in code that the catalogue does not know: places."""
    tree = ast.parse(file.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        if CHINESE.search(NAMES.sub("", node.value)) and node.value not in ENGLISH and not BOTH.search(node.value)
    ]
