# SPDX-License-Identifier: Apache-2.0
"""What the house tests read: files, modules, routes."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "datong"


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the project: those git knows and those it does not ignore."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    files = (ROOT / name.decode() for name in done.stdout.split(b"\0") if name)
    return tuple(sorted(file for file in files if file.is_file()))


def with_suffix(*suffixes: str, under: str = "") -> list[Path]:
    """Tracked files of some kinds."""
    return [file for file in tracked() if file.suffix in suffixes and file.is_relative_to(ROOT / under)]


def shown(file: Path) -> str:
    """Path as people write it."""
    return str(file.relative_to(ROOT))


def functions(file: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function in a file, with its place."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{shown(file)}:{node.lineno} {node.name}", node


def modules(package: str) -> Iterator[ModuleType]:
    """A package and every module in it, imported."""
    root = import_module(package)
    yield root
    for found in walk_packages(getattr(root, "__path__", []), package + "."):
        yield import_module(found.name)
