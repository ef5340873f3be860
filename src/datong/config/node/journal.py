# SPDX-License-Identifier: Apache-2.0
"""The journal of a node: each process writes JSON lines, one file per process, readable on the terminal.

Kept here: children write to their standard output and know no files; the supervisor keeps the files and turns them over
when they grow, so nothing has to be agreed between processes. Only the standard library: the supervisor stays small.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

LARGEST = 10 * 2**20
KEPT = 5
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}
_UNSHOWN = ("at", "level", "process", "event", "logger", "exception")


def entry(process: str, level: str, event: str, **facts: Any) -> dict[str, Any]:
    """One line of the journal as a value."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"at": at, "level": level, "process": process, "event": event, **facts}


def parse(process: str, lines: list[str]) -> list[dict[str, Any]]:
    """Read lines a child wrote; what is no JSON (a traceback, a library's own words) is wrapped, neighbours together."""
    values: list[dict[str, Any]] = []
    loose: list[str] = []
    for line in lines:
        value = _structured(line)
        if value is None:
            loose.append(line)
            continue
        values += _wrapped(process, loose)
        loose = []
        values.append({"process": process, **value})
    return values + _wrapped(process, loose)


def _structured(line: str) -> dict[str, Any] | None:
    if line.startswith("{"):
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict) and "event" in found:
                return found
    return None


def _wrapped(process: str, loose: list[str]) -> list[dict[str, Any]]:
    """The last line says it; the whole goes into `exception`."""
    if not loose:
        return []
    if any(line.startswith("Traceback") for line in loose):
        return [entry(process, "error", loose[-1], exception="\n".join(loose))]
    return [entry(process, "info", "\n".join(loose))]


def turn_over(file: Path) -> None:
    """Make room: `x.log` becomes `x.log.1` and so on, the oldest goes."""
    for number in range(KEPT - 1, 0, -1):
        older = file.with_name(f"{file.name}.{number}")
        if older.exists():
            older.replace(file.with_name(f"{file.name}.{number + 1}"))
    file.replace(file.with_name(f"{file.name}.1"))


def cut_down(file: Path) -> None:
    """Turn over a file that another process holds open for appending: copy, then empty it."""
    if file.exists() and file.stat().st_size > LARGEST:
        file.with_name(f"{file.name}.1").write_bytes(file.read_bytes())
        with file.open("r+b") as handle:
            handle.truncate(0)


class Journal:
    """All files of one node, and the terminal.

    Args:
        folder: where the files lie.
        terminal: where lines are shown; None for nowhere.
        level: lowest level shown on the terminal; files keep everything.
        as_json: show the lines as they are in the files.
    """

    def __init__(self, folder: Path, terminal: TextIO | None, level: str = "info", *, as_json: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._terminal, self._as_json = folder, terminal, as_json
        self._level = LEVELS.get(level.lower(), 20)
        self._colour = bool(terminal and not terminal.closed and terminal.isatty())
        self._files: dict[str, TextIO] = {}

    def write(self, value: dict[str, Any]) -> None:
        """Keep one line, and show it. A full disk or a closed terminal loses the line, never the node."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        with contextlib.suppress(OSError):
            self._file(str(value["process"])).write(text + "\n")
        if self._terminal and LEVELS.get(str(value.get("level")), 20) >= self._level:
            with contextlib.suppress(OSError, ValueError):
                self._terminal.write((text if self._as_json else self._readable(value)) + "\n")
                self._terminal.flush()

    def say(self, level: str, event: str, **facts: Any) -> None:
        """Write a line of the supervisor's own."""
        self.write(entry("node", level, event, **facts))

    def close(self) -> None:
        """Close the files."""
        for handle in self._files.values():
            handle.close()

    def _file(self, process: str) -> TextIO:
        path = self._folder / f"{process}.log"
        handle = self._files.get(process)
        if handle and handle.tell() > LARGEST:
            handle.close()
            turn_over(path)
            handle = None
        if handle is None or handle.closed:
            handle = self._files[process] = path.open("a", encoding="utf-8", buffering=1)
        return handle

    def _readable(self, value: dict[str, Any]) -> str:
        level = str(value.get("level", "info"))
        facts = " ".join(f"{key}={_brief(one)}" for key, one in value.items() if key not in _UNSHOWN)
        clock = str(value.get("at", ""))[11:19]
        head = f"{level:<7}"
        if self._colour:
            head = f"\x1b[{_COLOURS.get(level, '0')}m{head}\x1b[0m"
        more = f" (whole in {value['process']}.log)" if "exception" in value else ""
        return f"{clock} {head} {value['process']:<8} {value['event']} {facts}".rstrip() + more


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 400 else text[:400] + "…"


def announce(value: dict[str, Any]) -> None:
    """Write a line of the journal from a child process."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
