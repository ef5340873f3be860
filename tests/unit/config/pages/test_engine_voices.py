# SPDX-License-Identifier: Apache-2.0
"""What the engine says of a source, and the checks of a time stamp, in English, a page says in Chinese."""

import ast
import re
from pathlib import Path

import pytest

import datong.engine
from datong.config.pages.voices import in_chinese
from datong.crypto import timestamps

CHINESE = re.compile(r"[\u4e00-\u9fff]")
KINDS = frozenset({"SourceUnreadable", "SourceAway", "BadStamp"})
ROOT = Path(datong.engine.__file__).parent / "backends" / "sources"
FILES = (*sorted(ROOT.glob("*.py")), Path(timestamps.__file__))


def text(node):
    """A sentence of the code with something in each of its holes."""
    if isinstance(node, ast.Constant):
        return node.value
    parts = [part.value if isinstance(part, ast.Constant) else "7" for part in getattr(node, "values", [])]
    return "".join(parts)


def sentences():
    for file in FILES:
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KINDS and call.args:
                yield from filter(None, [text(call.args[0]), *(text(one.value) for one in call.keywords if one.arg == "remedy")])


@pytest.mark.parametrize("sentence", sorted({one for one in sentences() if not CHINESE.search(one)}))
def test_it_is_said_in_chinese(sentence):
    assert CHINESE.search(in_chinese(sentence)), sentence
