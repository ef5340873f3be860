# SPDX-License-Identifier: Apache-2.0
"""Whole processes measured beside each other: who takes part, one round of one of them, the round in the middle."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MISSING = {"absent": "not installed: run `make bench-setup` (or no wheel for this machine)"}


@dataclass
class Party:
    """Somebody who does the work: what is run, in what environment, and what came of it."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    results: list[dict[str, float]] = field(default_factory=list)

    def told(self, rows: int) -> dict[str, Any]:
        """The median round."""
        ranked = sorted(self.results, key=lambda one: one["seconds"])
        middle = ranked[len(ranked) // 2]
        return middle | {"rows_per_second": round(rows / middle["seconds"]), "rounds": [one["seconds"] for one in self.results]}

    def run(self, target: Path, said: Path, came: Callable[[], bool]) -> None:
        """One round in a folder, which `{target}` stands for; what it says goes into a file, `came` looks at what it did."""
        environment = os.environ | {name: value.format(target=target) for name, value in self.environment.items()}
        command = [part.format(target=target) for part in self.command]
        begun = time.perf_counter()
        with said.open("wb") as log:
            process = subprocess.Popen(command, env=environment, cwd=target, stdout=log, stderr=log)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - begun
        if process.returncode or not came():
            raise SystemExit(f"{self.name} did not do its work: {said.read_text('utf-8', 'replace')[-2000:]}")
        self.results.append(
            {"seconds": round(seconds, 2), "cpu": round(used.ru_utime + used.ru_stime, 2), "rss_mb": round(used.ru_maxrss / 1024)}
        )
