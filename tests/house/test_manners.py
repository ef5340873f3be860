# SPDX-License-Identifier: Apache-2.0
"""Small manners that hold in every file."""

from __future__ import annotations

import ast
import re

from factories.house import shown, tracked, with_suffix

LICENCE = "SPDX-License-Identifier: Apache-2.0"
DUMPING_GROUNDS = {"utils", "helpers", "common", "misc", "services", "util", "helper"}
OPEN_ENDS = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "Not" + "ImplementedError", "pragma: no " + "cover")))
REGISTRIES = re.compile(r"https?://[^/\s\"']*(?:" + "|".join(("py" + "pi", "python" + "hosted", "npm" + "js", "deb" + "ian")) + ")")
DATA = ("examples/data/", "src/datong/contexts/organisations/seeds/")


def test_every_source_file_names_its_licence_first():
    sources = with_suffix(".py", ".sh", ".mjs", ".js", ".css")
    heads = {shown(file): file.read_text("utf-8").split("\n", 2)[:2] for file in sources}
    assert [name for name, head in heads.items() if not any(LICENCE in line for line in head)] == []


def test_every_module_says_what_it_keeps():
    modules = [file for file in with_suffix(".py") if "migrations" not in file.parts]
    assert [shown(file) for file in modules if not ast.get_docstring(ast.parse(file.read_text("utf-8")))] == []


def test_nothing_is_left_open():
    files = [file for file in with_suffix(".py", ".html", ".js", ".mjs", ".css", ".toml") if not shown(file).startswith(DATA)]
    assert [shown(file) for file in files if OPEN_ENDS.search(file.read_text("utf-8"))] == []


def test_no_test_is_skipped_or_empty():
    banned = re.compile("|".join((r"mark\.sk" + r"ip", r"pytest\.sk" + r"ip", r"assert Tr" + r"ue\b", "importor" + "skip")))
    assert [shown(file) for file in with_suffix(".py", under="tests") if banned.search(file.read_text("utf-8"))] == []


def test_nothing_is_called_after_nothing():
    assert [shown(file) for file in with_suffix(".py") if file.stem in DUMPING_GROUNDS] == []
    assert [shown(file) for file in tracked() if DUMPING_GROUNDS & set(file.parent.parts)] == []


def test_no_file_names_a_registry_of_packages():
    texts = with_suffix(".py", ".txt", ".in", ".toml", ".json", ".md", ".sh", ".mjs", ".yml", "", ".js", ".css", ".html")
    named = [shown(file) for file in texts if not shown(file).startswith(DATA) and REGISTRIES.search(_text(file))]
    assert named == []


def test_imports_are_absolute():
    relative = [
        f"{shown(file)}:{node.lineno}"
        for file in with_suffix(".py", under="src")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_pages_fetch_nothing_from_elsewhere():
    elsewhere = re.compile(r"(?:src|href)=[\"'](?:https?:)?//")
    assert [shown(file) for file in with_suffix(".html") if elsewhere.search(file.read_text("utf-8"))] == []


def test_no_two_bodies_of_the_interface_share_a_name():
    files = [file for file in with_suffix(".py") if re.search(r"contexts/\w+/api[/.]", shown(file))]
    asked = set(re.findall(r"Query\[(?:\w+\.)?(\w+)\]", "".join(map(_text, files))))
    named: dict[str, list[str]] = {}
    for file in files:
        for node in ast.parse(_text(file)).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith(("In", "Out")) and node.name not in asked:
                named.setdefault(node.name, []).append(shown(file))
    assert {name: places for name, places in named.items() if len(places) > 1} == {}, "the document has one of each name"


def _text(file) -> str:
    return file.read_bytes().decode("utf-8", "ignore")
