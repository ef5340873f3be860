# SPDX-License-Identifier: Apache-2.0
"""Find a Chromium for the tests, or fetch one: `python requirements/browser.py` prints its path, or nothing.

Kept here: the machine's own comes first, then playwright's download, then apt-get where this is root on Debian or Ubuntu.
A browser counts only if it starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = ("chromium-headless-shell", "fonts-noto-cjk")


def starts(program: str) -> bool:
    """Whether the browser shows an empty page."""
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom"]
        try:
            done = subprocess.run([program, *options, "about:blank"], check=False, capture_output=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0 and b"<html" in done.stdout


def found() -> str | None:
    """A Chromium that is here and starts: DATONG_CHROMIUM, by name, or playwright's."""
    given = [os.environ.get("DATONG_CHROMIUM"), *map(shutil.which, NAMES), _playwrights()]
    return next((program for program in given if program and starts(program)), None)


def _playwrights() -> str | None:
    ask = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", ask], check=False, capture_output=True, text=True)
    path = done.stdout.strip()
    return path if path and Path(path).exists() else None


def fetch() -> None:
    """Try to get one: playwright's download, then apt-get as root."""
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    if not found() and os.geteuid() == 0 and shutil.which("apt-get"):
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES])


def _run(command: list[str]) -> None:
    print(" ".join(command), file=sys.stderr)
    try:
        subprocess.run(command, check=False, stdout=sys.stderr, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    browser = found()
    if browser is None:
        fetch()
        browser = found()
    print(browser or "")
