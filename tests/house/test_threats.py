# SPDX-License-Identifier: Apache-2.0
"""The threat model names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")


def test_every_threat_has_a_test_and_every_test_named_exists():
    text = (ROOT / "docs/explanation/threat-model.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert len(rows) > 40 and [row for row in rows if not NAMED.search(row)] == []
    missing = [f"{file}::{name}" for file, name in NAMED.findall(text) if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert missing == []
