# SPDX-License-Identifier: Apache-2.0
"""Telling the story: each step as it happens, a closing table, or one JSON object for a script.

Kept here: a step is true or the story ends there; what was not reached is not claimed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from datong.kernel.errors import DatongError


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story.

    Attributes:
        name: stable name, for scripts.
        title: what is done, for people.
        run: does it; returns what was shown. Raises when it is not so.
        where: page on which to look at it, below the control plane's address.
    """

    name: str
    title: str
    run: Callable[[], str]
    where: str = ""


@dataclass(slots=True)
class Outcome:
    """How a step ended."""

    step: Step
    ok: bool
    detail: str
    seconds: float


@dataclass(slots=True)
class Teller:
    """Runs steps and tells of them; silent on standard output when the answer is JSON."""

    as_json: bool
    console: Console = field(default_factory=Console)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every step so far was truly so."""
        return bool(self.outcomes) and all(one.ok for one in self.outcomes)

    def tell(self, steps: list[Step]) -> bool:
        """Run the steps in order until one fails."""
        for step in steps:
            self._say(f"[bold]{len(self.outcomes) + 1:>2}[/bold] {step.title} …")
            outcome = self._run(step)
            self.outcomes.append(outcome)
            mark = "[green]✓[/green]" if outcome.ok else "[red]✗[/red]"
            self._say(f"   {mark} {outcome.detail} [dim]{outcome.seconds:.1f} s[/dim]")
            if not outcome.ok:
                return False
        return True

    def close(self, base: str, accounts: list[tuple[str, str, str]], password: str) -> None:
        """Print the closing table, the address and the accounts; or the JSON object."""
        if self.as_json:
            sys.stdout.write(self.report() + "\n")
            return
        table = Table(title="演示小结 What was shown", show_lines=False, expand=False)
        for head in ("步骤 step", "看到了什么 what was shown", "到哪里看 where to look"):
            table.add_column(head, overflow="fold")
        for one in self.outcomes:
            table.add_row(one.step.title, one.detail, f"{base}{one.step.where}" if one.step.where else "")
        self.console.print(table)
        if self.ok:
            people = Table(title=f"账号 accounts（口令 password: {password}）")
            for head in ("账号 account", "姓名 name", "角色 role"):
                people.add_column(head)
            for row in accounts:
                people.add_row(*row)
            self.console.print(people)
            self.console.print(f"[bold]网址 address: {base}[/bold]   Ctrl-C 停止 stops")

    def report(self) -> str:
        """The outcome as one JSON object."""
        steps = [{"name": one.step.name, "ok": one.ok, "detail": one.detail} for one in self.outcomes]
        return json.dumps({"steps": steps, "ok": self.ok}, ensure_ascii=False)

    def _run(self, step: Step) -> Outcome:
        begun = time.monotonic()
        try:
            detail, ok = step.run(), True
        except DatongError as error:
            detail, ok = f"{error.message} {error.remedy or ''}".strip(), False
        except Exception as error:  # noqa: BLE001  a story that breaks says where, and ends with a failure
            detail, ok = f"{type(error).__name__}: {error}", False
        return Outcome(step, ok, detail, time.monotonic() - begun)

    def _say(self, words: str) -> None:
        if not self.as_json:
            self.console.print(words, highlight=False)


class NotSo(DatongError):
    """The node did not do what the step claims."""

    code, status, title = "not_so", 500, "Not so"


def sure(fact: object, words: str) -> None:
    """Check one claim of a step.

    Raises:
        NotSo: it is not so.
    """
    if not fact:
        raise NotSo(words)
