# SPDX-License-Identifier: Apache-2.0
"""Budgets of size. The exemptions are named and may only shrink."""

from __future__ import annotations

import subprocess
import sys

from factories.house import ROOT, functions, shown, with_suffix

SOURCE_LINES, TEST_LINES, FUNCTION_LINES, COMPLEXITY = 500, 500, 60, 8
EXEMPT: frozenset[str] = frozenset()


def test_no_file_outgrows_its_budget():
    budgets = {"src": SOURCE_LINES, "requirements": SOURCE_LINES, "packages": SOURCE_LINES, "benchmarks": SOURCE_LINES, "tests": TEST_LINES}
    lengths = {shown(file): len(file.read_text("utf-8").splitlines()) for file in with_suffix(".py", ".html", ".mjs", ".css")}
    over = {name: lines for name, lines in lengths.items() if lines > budgets.get(name.split("/")[0], SOURCE_LINES)}
    assert {name: lines for name, lines in over.items() if "/migrations/" not in name} == {}


def test_no_function_outgrows_its_budget():
    over = [
        f"{place}: {node.end_lineno - node.lineno + 1} lines"
        for file in [*with_suffix(".py", under="src"), *with_suffix(".py", under="packages")]
        if "migrations" not in file.parts
        for place, node in functions(file)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert sorted(set(over) - EXEMPT) == []


def test_no_function_is_a_maze():
    rule = ["--select", "C901", "--config", f"lint.mccabe.max-complexity={COMPLEXITY}"]
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", *rule, "src", "requirements", "benchmarks", "packages"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
