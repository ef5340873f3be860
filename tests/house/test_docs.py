# SPDX-License-Identifier: Apache-2.0
"""What is generated is generated, and compared; what is linked exists."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from factories.house import ROOT, shown, with_suffix

GENERATED = {"stages": ["stages", "--mermaid"], "settings": ["settings", "--markdown"]}
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_in_step(name):
    command = [sys.executable, "-m", "datong.config.cli.main", *GENERATED[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    written = (ROOT / "docs" / "reference" / f"{name}.md").read_text("utf-8")
    assert written == done.stdout, f"datong {' '.join(GENERATED[name])} > docs/reference/{name}.md"


@pytest.mark.parametrize("file", with_suffix(".md"), ids=shown)
def test_links_lead_somewhere(file):
    links = [link for link in LINK.findall(file.read_text("utf-8")) if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_the_four_kinds_of_docs_are_there():
    kinds = {one.name for one in (ROOT / "docs").iterdir() if one.is_dir() and any(one.glob("*.md"))}
    assert {"tutorials", "how-to", "reference", "explanation", "adr"} <= kinds


def test_every_command_of_the_program_is_described():
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    verbs = "node init|node up|node down|node status|node doctor|user list|user add|user appoint|user reset-password"
    verbs += "|ledger verify|ledger receipt|ledger show|ledger prove|ledger export|calendar add-days|search verify|search rebuild|stages|settings|demo"
    assert [verb for verb in verbs.split("|") if f"datong {verb}" not in page] == []
