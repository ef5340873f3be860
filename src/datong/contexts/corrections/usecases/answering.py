# SPDX-License-Identifier: Apache-2.0
"""Answering a report as the provider: take it up, name the version that corrects it, or refuse with reasons (809 art. 26).

Kept here: the version named must exist and be newer than the report; a data error whose record and item are named is
compared with the data that serve now, and is not corrected while they still hold the value reported. Who has a live grant
is told of the corrected version in the same transaction.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, queries
from datong.contexts.corrections.domain.checks import Check, outcome
from datong.contexts.corrections.domain.stages import MOVES, TAG, Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.corrections.queries.values import values_of
from datong.contexts.corrections.usecases import telling
from datong.contexts.corrections.usecases.reporting import settled
from datong.contexts.exchange import face as exchange
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.corrections import RULE_26, ReportKind
from datong.kernel.errors import Malformed
from datong.kernel.stages import move

LONGEST_OPINION = 1000


@transaction.atomic
def take_up(number: str, *, by: Officer) -> Correction:
    """Begin to verify a report.

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not the provider's compiler or head.
        IllegalMove: Not waiting to be taken up.
    """
    row = _locked(number, by)
    _move(row, Stage.VERIFYING)
    row.taken_up_by, row.taken_up_at = by.account, datetime.now(UTC)
    row.save(update_fields=["stage", "taken_up_by", "taken_up_at"])
    telling.reporter(row, "提供部门已开始核实 (the provider is verifying)", by=by)
    audit.record(TAG[Stage.VERIFYING], by=by, subject=number, facts={"resource": row.resource_id})
    return row


def correct(number: str, opinion: str = "", *, by: Officer, batch: int | None = None, version: int | None = None) -> Correction:
    """Answer that the error is corrected, naming the version that carries the correction.

    Args:
        number: Of the report.
        opinion: What was done; needed for an interface problem.
        by: The provider's compiler or head.
        batch: For a data error: a batch landed after the report; None takes the one that serves.
        version: For a catalogue error: a version published after the report; None takes the one in force.

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not the provider's compiler or head.
        IllegalMove: Not being verified.
        Malformed: No newer version carries it, the record still holds the reported value, or words are missing.
    """
    with transaction.atomic():
        row = _locked(number, by)
        _move(row, Stage.CORRECTED)
        words = texts.lines("opinion", opinion, longest=LONGEST_OPINION)
        NAMED[ReportKind(row.kind)](row, batch if row.kind == ReportKind.DATA else version, words)
        _answer(row, words, by)
        if row.kind != ReportKind.INTERFACE:
            row.told = telling.users(row, _told(row), by=by)
            row.save(update_fields=["told"])
        telling.reporter(row, "所报错误已更正，请查看并评价 (the error is corrected: see and rate the answer)", by=by)
        facts = {"resource": row.resource_id, "batch": row.corrected_batch, "version": row.corrected_version}
        audit.record(
            TAG[Stage.CORRECTED], by=by, subject=number,
            facts={**facts, "checked": row.checked, "told": row.told, "opinion": words},
        )  # fmt: skip
    return row


def reject(number: str, reason: str, *, by: Officer) -> Correction:
    """Answer that nothing is corrected, with the reason.

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not the provider's compiler or head.
        IllegalMove: Not being verified.
        Malformed: No reason.
    """
    with transaction.atomic():
        row = _locked(number, by)
        _move(row, Stage.REJECTED)
        words = texts.lines("opinion", reason, longest=LONGEST_OPINION, least=1)
        _answer(row, words, by)
        telling.reporter(row, "提供部门答复不予更正，理由见办理页 (the provider does not correct it: see the reason)", by=by)
        audit.record(TAG[Stage.REJECTED], by=by, subject=number, facts={"resource": row.resource_id, "reason": words})
    return row


def candidates(row: Correction) -> list[Any]:
    """Give what may carry the correction of a report, the newest first: landed batches, or published versions."""
    if row.kind == ReportKind.DATA:
        return [one for one in exchange.landings(row.resource_id) if one.finished_at > row.filed_at]
    if row.kind == ReportKind.CATALOG:
        served = catalog.served(row.resource_id)
        newer = range(row.version + 1, served.version + 1) if served else ()
        views = [catalog.version(row.resource_id, one) for one in reversed(newer)]
        return [one for one in views if one.published_at is not None and one.published_at > row.filed_at]
    return []


def _locked(number: str, by: Officer) -> Correction:
    row = queries.correction_of(number, by=by, lock=True)
    permissions.check_may_answer(by, row.provider_id)
    return row


def _move(row: Correction, wanted: Stage) -> None:
    row.stage = move(MOVES, f"report {row.number}", Stage(row.stage), wanted)


def _answer(row: Correction, words: str, by: Officer) -> None:
    row.opinion, row.answered_by, row.answered_at = words, by.account, datetime.now(UTC)
    row.save()
    settled(row, row.answered_at, by=by)


def _by_batch(row: Correction, batch: int | None, _words: str) -> None:
    found = {one.batch: one for one in candidates(row)}
    chosen = found.get(next(iter(found), 0) if batch is None else batch)
    if chosen is None:
        raise Malformed(
            "指明的批次不存在，或者不晚于校核申请 (no such batch was landed after the report)",
            fields={"batch": "先挂接更正后的数据 (attach the corrected data first)"},
            rule=RULE_26,
            remedy="在资源页挂接更正后的数据，装载完成后再办结 (attach the corrected data, then answer)",
        )
    row.checked = check(row)
    if row.checked == Check.STILL:
        raise Malformed(
            "现行数据中该记录此项仍是所报的值，不能办结为已更正 (the data that serve still hold the reported value)",
            fields={"batch": "挂接更正后的数据，或者说明理由不予更正 (attach corrected data, or refuse with reasons)"},
            rule=RULE_26,
        )
    row.corrected_batch = chosen.batch


def _by_version(row: Correction, version: int | None, _words: str) -> None:
    found = [one.version for one in candidates(row)]
    chosen = next(iter(found), None) if version is None else version
    if chosen not in found:
        raise Malformed(
            "指明的目录版本不存在，或者不晚于校核申请 (no such version was published after the report)",
            fields={"version": "先发布更正后的目录版本 (publish the corrected version first)"},
            rule=RULE_26,
            remedy="起草目录新版本，审核发布后再办结 (write a new version of the entry, then answer)",
        )
    row.corrected_version = chosen


def _by_words(_row: Correction, _version: int | None, words: str) -> None:
    texts.lines("opinion", words, longest=LONGEST_OPINION, least=1)


NAMED: dict[ReportKind, Callable[[Correction, int | None, str], None]] = {
    ReportKind.DATA: _by_batch,
    ReportKind.CATALOG: _by_version,
    ReportKind.INTERFACE: _by_words,
}
"""Kind of error to how its correction is named and proved."""


def check(row: Correction) -> Check:
    """Compare a data error with the data that serve now."""
    said, landed = values_of(row), exchange.landed(row.resource_id)
    if landed is None or not said.key or not row.item:
        return Check.NOT_CHECKED
    still = exchange.held_in(row.resource_id, landed, said.key, row.item, said.found)
    if still is None:
        return Check.NOT_CHECKED
    right = exchange.held_in(row.resource_id, landed, said.key, row.item, said.expected) if said.expected else None
    return outcome(record=still.record, still=still.holds, as_expected=right is not None and right.holds)


def _told(row: Correction) -> str:
    if row.corrected_batch:
        what, named = (
            f"数据更正已在批次 {row.corrected_batch} 发布",
            f"corrected data are published in batch {row.corrected_batch}",
        )
    else:
        what, named = (
            f"目录更正已在第 {row.corrected_version} 版发布",
            f"the entry is corrected in version {row.corrected_version}",
        )
    return f"{what}，请以更正后的版本为准 ({named}: use it from now on)"
