# SPDX-License-Identifier: Apache-2.0
"""The line of stations of a request: from the form to the destroyed data, each with who and when.

Kept here: a station that was passed has its date, the present one says until when, and what can no longer come is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datong.contexts.periods.face import Clock
from datong.contexts.sharing.domain import LIVE, GrantStage, Stage
from datong.contexts.sharing.domain.chains import Opinion, StepStage
from datong.contexts.sharing.models import DecisionStep, DisposalTask, Grant, Request
from datong.kernel.actors import Role

ENDS = (Stage.REFUSED, Stage.WITHDRAWN)
NAMES = {
    "filed": _("填写申请"),
    "endorsed": _("本部门负责人同意"),
    "decided": _("提供部门答复"),
}

Station = dict[str, Any]


def stations(
    row: Request, names: Mapping[str, str], steps: Sequence[DecisionStep], grant: Grant | None, clock: Clock | None
) -> list[Station]:
    """Give the way of a request.

    Args:
        row: The request.
        names: Account to the person's name.
        steps: Those of the present round.
        grant: What came of it.
        clock: That runs or ran last on it.
    """
    line = [_act(row, "filed", names), _act(row, "endorsed", names)]
    line += [_step(group) for group in _by_position(steps)]
    line.append(_act(row, "decided", names))
    _stand(row, line, clock)
    return line + (_life(grant, names) if grant else [])


def _act(row: Request, verb: str, names: Mapping[str, str]) -> Station:
    when, account = getattr(row, f"{verb}_at"), getattr(row, f"{verb}_by")
    return _station(NAMES[verb], "past" if when else "next", names.get(account, account), when)


def _station(name: Any, state: str, who: str = "", when: datetime | None = None) -> Station:
    return {"name": name, "state": state, "who": who, "when": when}


def _by_position(steps: Sequence[DecisionStep]) -> list[list[DecisionStep]]:
    places = sorted({step.position for step in steps if not step.decides})
    return [[step for step in steps if step.position == place] for place in places]


def _step(posts: list[DecisionStep]) -> Station:
    """One step of the chain, with all its posts (会签)."""
    name = "、".join(f"{step.department.name if step.department else ''}{gettext(Role(step.role).label)}" for step in posts)
    answered = [step for step in posts if step.stage == StepStage.ANSWERED]
    done = all(step.stage in (StepStage.ANSWERED, StepStage.SPARED) for step in posts)
    who = gettext("、").join(f"{step.name} {gettext(Opinion(step.opinion).label)}" for step in answered)
    return _station(name, "past" if done else "next", who, max((step.at for step in answered), default=None))


def _stand(row: Request, line: list[Station], clock: Clock | None) -> None:
    """Mark where a request stands, or where it ended; what cannot come any more goes away."""
    stage = Stage(row.stage)
    if stage is Stage.GRANTED:
        return
    if stage is Stage.RETURNED:
        for station in line:
            station["state"] = "next"
        line[0]["state"] = "stop"
        return
    here = len(line) - 1 if stage is Stage.REFUSED else next(i for i, one in enumerate(line) if one["state"] == "next")
    if stage in ENDS:
        del line[here + 1 :]
        line[here]["state"] = "stop"
        if stage is Stage.WITHDRAWN:
            line[here] |= {"name": Stage.WITHDRAWN, "who": "", "when": row.changed_at}
        return
    line[here]["state"] = "now"
    if clock is not None and clock.stopped_at is None and clock.paused_at is None:
        line[here]["who"] = gettext("%(day)s 前") % {"day": clock.due.isoformat()}


def _life(grant: Grant, names: Mapping[str, str]) -> list[Station]:
    """What becomes of a request that was granted."""
    stage, live = GrantStage(grant.stage), grant.stage in LIVE
    task = DisposalTask.objects.defer("file").filter(grant=grant).first()
    line = [_station(_("签发授权"), "past", grant.number, grant.granted_at)]
    if grant.delivered_at is not None:
        line.append(_station(_("首次提供"), "past", "", grant.delivered_at))
    elif live:
        line.append(_station(_("首次提供"), "now"))
    until = gettext("至 %(day)s") % {"day": grant.valid_until.isoformat()}
    if live:
        state = "stop" if stage is GrantStage.SUSPENDED else "now" if grant.delivered_at else "next"
        when = grant.changed_at if stage is GrantStage.SUSPENDED else None
        return [*line, _station(GrantStage.SUSPENDED if state == "stop" else _("使用中"), state, until, when)]
    if task is None:
        return [*line, _station(stage, "past", names.get(grant.changed_by, ""), grant.changed_at)]
    line.append(_station(_("使用结束"), "past", "", task.ordered_at))
    if task.settled_at is not None:
        return [*line, _station(_("数据销毁"), "past", names.get(task.settled_by, ""), task.settled_at)]
    return [*line, _station(_("数据销毁"), "now", gettext("%(day)s 前") % {"day": task.due.isoformat()})]
