# SPDX-License-Identifier: Apache-2.0
"""The command line speaks with one voice, to people and to programs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from datong.config.cli import output
from datong.config.cli.docs import workflows
from datong.kernel import errors
from factories.nodes import Machine

HERE = Machine(sys.executable)


@pytest.mark.parametrize("words", [["--help"], ["node", "--help"], ["node", "up", "--help"], ["ledger", "verify", "--help"], ["--version"]])
def test_help_is_there(words):
    done = HERE.datong(*words)
    assert done.returncode == 0 and done.stdout


def test_help_wakes_nothing_heavy():
    code = (
        "import sys; from datong.config.cli import main; "
        "print([name for name in ('django', 'duckdb', 'deltalake', 'pyarrow', 'granian', 'structlog', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Malformed("x"), 2), (errors.Unknown("x"), 3), (errors.Refused("x"), 4), (errors.Conflict("x"), 5),
        (errors.IllegalMove("x", "a", "b"), 5), (errors.Unavailable("x"), 6), (errors.Throttled("x"), 1),
    ],
)  # fmt: skip
def test_each_family_of_errors_has_its_status(error, status):
    assert output.status_of(error) == status


def test_an_error_is_told_to_people_and_to_programs(capsys):
    error = errors.Refused("no", fields={"port": "taken"}, remedy="another", rule="art. 1")
    assert output.tell(error, as_json=False) == 4
    assert capsys.readouterr().err.splitlines() == ["no", "  port: taken", "→ another", "  (art. 1)"]
    output.tell(error, as_json=True)
    assert json.loads(capsys.readouterr().out)["remedy"] == "another"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["node", "up", "/nowhere", "--json"], 2),
        (["node", "status", "/nowhere", "--json"], 2),
        (["ledger", "verify", "/nowhere", "--json"], 3),
        (["ledger", "receipt", "/nowhere", "--key", "/nowhere", "--json"], 3),
        (["calendar", "add-days", "2026-02-30", "5", "--json"], 2),
        (["calendar", "add-days", "2026-02-01", "0", "--json"], 2),
        (["calendar", "add-days", "２０２６-02-01", "1", "--json"], 2),
        (["user", "list", "--node", "/nowhere", "--json"], 2),
    ],
)
def test_bad_input_is_a_problem_document_and_no_traceback(words, status):
    done = HERE.datong(*words)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["detail"]


def test_working_days_are_counted_without_a_node():
    done = HERE.datong("calendar", "add-days", "2026-09-28", "10", "--json")
    found = json.loads(done.stdout)
    assert (found["due"], found["published"], found["warning"], found["source"]) == ("2026-10-16", True, None, "shipped")
    later = json.loads(HERE.datong("calendar", "add-days", "2099-01-01", "10", "--json").stdout)
    assert later["published"] is False and "2099" in later["warning"]


def test_workflows_are_found_once_each():
    titles = [title for title, _, _ in workflows()]
    assert len(titles) == len(set(titles)) >= 4
