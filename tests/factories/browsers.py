# SPDX-License-Identifier: Apache-2.0
"""The browser of the functional tests: the machine's Chromium; where there is none, that is said loudly.

`make test` finds or fetches one and names it in DATONG_CHROMIUM.
"""

from __future__ import annotations

import os
import shutil
from functools import cache

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "apt-get install chromium-headless-shell fonts-noto-cjk, or name one in DATONG_CHROMIUM"


@cache
def program() -> str | None:
    """Path of the browser, or None."""
    given = os.environ.get("DATONG_CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


def launch(playwright):
    """Start the browser for `with sync_playwright() as playwright`."""
    return playwright.chromium.launch(executable_path=program(), args=["--no-sandbox", "--disable-gpu"])


def leave_out_where_there_is_none(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take tests marked `browser` out of the run when there is no browser."""
    if program():
        return
    out = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=out)


def say_so(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end that tests did not run."""
    if program() is None:
        terminalreporter.section("BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.line(f"No Chromium was found and none could be fetched: {REMEDY}")
