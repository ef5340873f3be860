# SPDX-License-Identifier: Apache-2.0
"""A step is true or the story ends there; what was not reached is not claimed."""

import io
import json

import pytest
from rich.console import Console

from datong.config.demo.chapters import at_once, until
from datong.config.demo.telling import NotSo, Step, Teller, sure
from datong.kernel.errors import Refused


def said(text):
    return lambda: text


def breaks(error):
    def run():
        raise error

    return run


@pytest.fixture
def teller():
    return Teller(as_json=False, console=Console(file=io.StringIO(), width=200))


def test_every_step_is_told_as_it_happens(teller):
    assert teller.tell([Step("one", "第一步", said("看到一")), Step("two", "第二步", said("看到二"), "/here")])
    teller.close("http://node", [("li.na", "李娜", "compiler")], "pass")
    told = teller.console.file.getvalue()
    assert teller.ok
    for words in ("第一步", "看到一", "http://node/here", "li.na", "pass", "Ctrl-C"):
        assert words in told


@pytest.mark.parametrize("error", [NotSo("it is not"), Refused("may not", remedy="ask"), ZeroDivisionError("by zero"), KeyError("x")])
def test_the_story_ends_where_a_step_is_not_so(teller, error):
    later = []
    assert not teller.tell([Step("one", "一", said("x")), Step("two", "二", breaks(error)), Step("three", "三", lambda: later.append(1))])
    assert not teller.ok and later == []
    assert [(one.step.name, one.ok) for one in teller.outcomes] == [("one", True), ("two", False)]
    teller.close("http://node", [("li.na", "李娜", "x")], "pass")
    assert "pass" not in teller.console.file.getvalue(), "accounts are named only when all is so"


def test_a_story_without_steps_is_not_true():
    assert not Teller(as_json=True).ok


def test_for_a_script_it_is_one_object_and_nothing_else(capsys):
    teller = Teller(as_json=True)
    teller.tell([Step("one", "一", said("看到")), Step("two", "二", breaks(NotSo("不是")))])
    teller.close("", [], "pass")
    steps = [{"name": "one", "ok": True, "detail": "看到"}, {"name": "two", "ok": False, "detail": "不是"}]
    assert json.loads(capsys.readouterr().out) == {"steps": steps, "ok": False}


def test_sure_and_until():
    sure([1], "there is one")
    with pytest.raises(NotSo, match="none"):
        sure([], "none")
    counted = iter([False, False, True])
    assert until(lambda: next(counted), 5, "late") < 5
    with pytest.raises(NotSo, match="late"):
        until(lambda: False, 0.05, "late")


def test_people_at_once_keep_their_order_and_their_errors():
    assert at_once(lambda number: number * 2, range(9)) == [number * 2 for number in range(9)]
    with pytest.raises(NotSo):
        at_once(lambda number: sure(number != 3, "three"), range(9))
