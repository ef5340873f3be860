# SPDX-License-Identifier: Apache-2.0
"""Compile the pins: requirements/*.txt with hashes, and npm's lock without addresses.

Kept here: no file names a registry, so that a mirror can stand in; pins hold for every Python from 3.11 and every platform.
Only the default index is asked: a local mirror seldom knows the hashes of all files.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import indexes

ROOT = Path(__file__).resolve().parent.parent
PLANS = {
    "runtime.txt": ["pyproject.toml", "requirements/build.in"],
    "test.txt": ["pyproject.toml", "requirements/build.in", "--extra", "test", "-c", "requirements/runtime.txt"],
    "uv.txt": ["requirements/uv.in"],
    "node.txt": ["requirements/node.in"],
}
FORM = ["--generate-hashes", "--no-emit-index-url", "--universal", "--python-version", "3.11", "--quiet"]


def compile_pins(*, upgrade: bool) -> None:
    """Compile each file of pins; what is pinned stays pinned unless an upgrade is asked for."""
    settings = indexes.pip_settings(sys.executable)
    narrow = {name: value for name, value in settings.items() if name not in {"extra-index-url", "find-links"}}
    env = {**os.environ, **indexes.for_uv(narrow)}
    peers = {f"peers/{one.stem}.txt": [f"requirements/peers/{one.name}"] for one in (ROOT / "requirements/peers").glob("*.in")}
    for target, sources in {**PLANS, **peers}.items():
        print(f"compiling requirements/{target}")
        command = [sys.executable, "-m", "uv", "pip", "compile", *sources, "-o", f"requirements/{target}", *FORM]
        command += ["--custom-compile-command", "make lock"] + (["--upgrade"] if upgrade else [])
        subprocess.run(command, check=True, env=env, cwd=ROOT)


def lock_assets() -> None:
    """Write npm's lock and take the addresses out; the hashes stay."""
    npm = shutil.which("npm")
    if npm is None:
        print("no npm here: package-lock.json stays as it is")
        return
    options = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
    subprocess.run([npm, "install", *options], check=True, cwd=ROOT)
    file = ROOT / "package-lock.json"
    lock = json.loads(file.read_text("utf-8"))
    for package in lock["packages"].values():
        package.pop("resolved", None)
    file.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    compile_pins(upgrade="--upgrade" in sys.argv)
    lock_assets()
