# SPDX-License-Identifier: Apache-2.0
"""The calendar that comes with the program: the State Council's yearly arrangements, readable without a database."""

from __future__ import annotations

import json
from importlib import resources

from datong.kernel.workdays import WorkCalendar


def shipped() -> WorkCalendar:
    """Read it; years not yet announced when this version was made are not in it."""
    folder = resources.files("datong.contexts.organisations") / "seeds" / "calendar"
    years = sorted((one for one in folder.iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return WorkCalendar.from_holiday_cn(json.loads(one.read_text("utf-8")) for one in years)
