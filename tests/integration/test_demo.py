# SPDX-License-Identifier: Apache-2.0
"""The demonstration as a script runs it: from the command line, on a real node, to the last proof."""

from __future__ import annotations

import json

import pytest

from datong.config.node import state
from datong.config.node.folder import NodeFolder
from factories.nodes import machines

STEPS = (
    "node", "people", "exclusive", "catalogue", "withheld", "attach", "quarantine", "reverse", "workbook", "corrected", "demand",
    "supplied", "unconditional", "conditional", "refused", "call", "filter", "masked", "verify", "outside", "suspend", "report", "mended",
    "reaches", "revoke", "table", "pandas", "stopped", "subscription",
    "pushed", "usage", "receipts", "evidence", "tampered",
)  # fmt: skip
LONGEST = 600.0


@pytest.fixture
def datong():
    machine = machines()[0]
    return lambda folder: machine.datong("demo", "--no-serve", "--json", "--dir", folder, seconds=LONGEST)


def test_the_story_is_true_from_a_clean_start(datong, tmp_path):
    folder = tmp_path / "节点"
    folder.mkdir()
    (folder / ".demo").touch()  # as an earlier demonstration left it
    (folder / "left-behind").write_text("old")
    (folder / "lake").mkdir()
    done = datong(folder)
    told = json.loads(done.stdout)
    assert [one for one in told["steps"] if not one["ok"]] == [], done.stderr[-2000:]
    assert told["ok"] and done.returncode == 0
    names = [one["name"] for one in told["steps"]]
    assert [name for name in names if name in STEPS] == list(STEPS)
    assert all(one["detail"] for one in told["steps"])
    assert not (folder / "left-behind").exists()
    assert state.supervisor(NodeFolder(folder)) is None, "the node stops with the story"


def test_a_folder_that_no_demonstration_made_is_refused_and_untouched(datong, tmp_path):
    (tmp_path / "precious").write_text("mine")
    done = datong(tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode != 0 and told["ok"] is False
    assert [one["name"] for one in told["steps"]] == ["node"] and str(tmp_path) in told["steps"][0]["detail"]
    assert [file.name for file in tmp_path.iterdir()] == ["precious"] and (tmp_path / "precious").read_text() == "mine"
