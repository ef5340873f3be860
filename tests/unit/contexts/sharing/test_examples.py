# SPDX-License-Identifier: Apache-2.0
"""The examples of a grant's page: Python compiles, headers match the grant, no name breaks out of its quotes."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from datong.contexts.sharing.pages import examples

HOSTILE = "村\"'`$(rm -rf /)\\{x}"


def document(**changes):
    return {
        "number": "G20260101-0001", "application": "app-1", "channels": ["call", "verify"], "purpose": "低保\"核'查",
        "items": [{"field": "code"}, {"field": "name"}], "require_purpose": True, "require_case": False,
        "resource": "307001/1", **changes,
    }  # fmt: skip


def view(name="村名"):
    code = SimpleNamespace(field="code", name=HOSTILE, query=True, key=True)
    return SimpleNamespace(items=[code, SimpleNamespace(field="name", name=name, query=False, key=False)])


def made(given, seen=None):
    return examples.of(given, seen or view(), gateway="http://127.0.0.1:8701", node="330000")


def test_python_compiles_and_says_the_true_purpose():
    for example in made(document()):
        texts = {node.value for node in ast.walk(ast.parse(example["python"])) if isinstance(node, ast.Constant)}
        assert {"低保\"核'查", "G20260101-0001", "330000"} <= texts


def test_headers_are_those_the_grant_wants():
    call = made(document(require_case=True))[0]
    assert f"Datong-Purpose: {quote(document()['purpose'])}" in call["curl"]
    assert "Datong-Case" in call["curl"]
    assert "Datong-Case" in call["python"]
    assert "Datong-Purpose" not in made(document(require_purpose=False))[0]["curl"]


def test_names_stay_inside_their_quotes():
    for example in made(document(), view(HOSTILE)):
        assert "<村(rm -rf /)x>" in example["curl"]
        assert "$(rm" not in example["curl"]


@pytest.mark.parametrize(("channels", "names"), [(["call"], ["call"]), (["verify"], ["verify"]), (["table"], [])])
def test_only_channels_of_the_grant_are_shown(channels, names):
    assert [example["name"] for example in made(document(channels=channels))] == names


def test_nothing_is_asked_by_or_claimed_that_the_gateway_would_refuse():
    items = [SimpleNamespace(field=field, name=field, query=query, key=key)
             for field, query, key in (("hidden", True, False), ("masked", True, False), ("id", False, True), ("open", True, False))]  # fmt: skip
    given = document(items=[{"field": "masked", "mask": "year"}, {"field": "open", "mask": "none"}])
    call, verify = made(given, SimpleNamespace(items=items))
    assert 'params={"id": "<id>"}' in call["python"]
    assert 'json={"key": {"id": "<id>"}, "claims": {"open": "<open>"}}' in verify["python"]
    call = made(given, SimpleNamespace(items=[one for one in items if not one.key]))
    assert [one["name"] for one in call] == ["call"] and 'params={"open": "<open>"}' in call[0]["python"]
    assert made(document(items=[{"field": "masked", "mask": "year"}]), SimpleNamespace(items=items[:2])) == []


def test_who_is_given_own_cases_names_the_case():
    call = made(document(rows=[{"field": "name", "op": "case", "values": []}]))[0]
    assert "Datong-Case" in call["curl"] and "Datong-Case" in call["python"]


def test_a_withdrawn_resource_is_not_called():
    assert examples.of(document(), None, gateway="http://127.0.0.1:8701", node="330000") == []
