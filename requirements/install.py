# SPDX-License-Identifier: Apache-2.0
"""Install pinned packages into an environment: `python requirements/install.py .venv requirements/runtime.txt [--exact]`.

Kept here: every file is checked against its hash; uv does the work where it can be had, pip does it otherwise. Runs on any
Python from 3.11 with nothing installed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import indexes

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)


def environment(folder: Path) -> str:
    """Make the environment if it is not there; returns its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        done = subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=False)
        if done.returncode:
            sys.exit("Python cannot make environments here. On Debian and Ubuntu: apt-get install python3-venv")
    return str(python)


def uv(python: str) -> list[str] | None:
    """The command of uv in the environment, installed when it is not there; None when it cannot be had."""
    asked = [python, "-m", "uv"]
    pinned = (HERE / "uv.txt").read_text("utf-8")
    have = subprocess.run([*asked, "--version"], check=False, capture_output=True, text=True)
    if have.returncode == 0 and f"uv=={have.stdout.split()[1]} " in pinned:
        return asked
    got = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", HERE / "uv.txt"],
        check=False,
    )
    return asked if got.returncode == 0 else None


def install(folder: Path, files: list[Path], *, exact: bool, project: Path | None) -> None:
    """Install what the files pin, then the project itself without its dependencies.

    Args:
        folder: the environment.
        files: requirement files with hashes.
        exact: take away what the files do not name.
        project: folder of a project to install editable, built with what is in the environment.
    """
    python = environment(folder)
    command = uv(python)
    pins = [part for file in files for part in ("-r", str(file))]
    if command:
        env = {**os.environ, **indexes.for_uv(indexes.pip_settings(python)), "VIRTUAL_ENV": str(folder.resolve())}
        what = ["sync", *map(str, files)] if exact else ["install", *pins]
        run([*command, "pip", *what, "--require-hashes", "--compile-bytecode", "--python", python], env)
        tool = [*command, "pip", "install", "--python", python]
    else:
        print("uv cannot be had here: pip does the work, which takes longer")
        env = dict(os.environ)
        run([python, "-m", "pip", "install", "--require-hashes", *pins], env)
        tool = [python, "-m", "pip", "install"]
    if project:
        run([*tool, "--quiet", "--no-deps", "--no-build-isolation", "-e", str(project)], env)
        run([python, "-m", "compileall", "-q", str(project / "src")], env)  # a node starts in half the time


def run(command: list[str], env: dict[str, str]) -> None:
    """Run, or leave with the status of what failed."""
    done = subprocess.run(command, check=False, env=env)
    if done.returncode:
        sys.exit(done.returncode)


def main() -> None:
    """Read the arguments and install."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Choose one: make PYTHON=python3.12 …")
    options = argparse.ArgumentParser(description="Install pinned packages into an environment.")
    options.add_argument("environment", type=Path)
    options.add_argument("files", type=Path, nargs="+")
    options.add_argument("--exact", action="store_true", help="take away what the files do not name")
    options.add_argument("--project", type=Path, help="also install this project, editable")
    given = options.parse_args()
    install(given.environment, given.files, exact=given.exact, project=given.project)


if __name__ == "__main__":
    main()
