# SPDX-License-Identifier: Apache-2.0
"""Pins carry hashes and no address, so that any mirror serves (ADR 0006)."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINS = sorted((ROOT / "requirements").glob("**/*.txt"))


def test_there_are_pins_and_no_other_lock():
    assert PINS
    assert not list(ROOT.glob("*.lock"))


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_has_a_hash_and_none_an_address(path):
    text = re.sub(r"\\\n", " ", path.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in lines if "--hash=sha256:" not in line] == []
    assert "://" not in text


def test_the_lock_of_the_pages_has_hashes_and_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    named = {name: facts for name, facts in packages.items() if name}
    assert [name for name, facts in named.items() if "integrity" not in facts or "resolved" in facts] == []
