# SPDX-License-Identifier: Apache-2.0
"""Disputes and complaints in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

import secrets
from typing import Any

from datong.contexts.disputes import usecases
from datong.contexts.disputes.domain import complaints
from datong.contexts.disputes.domain.disputes import Stage
from datong.contexts.disputes.models import Complaint, Dispute
from datong.contexts.sharing.domain import Stage as RequestStage
from datong.kernel.actors import Officer, Role
from factories.catalog import PROVIDER, a_provider_head, an_authority, someone
from factories.organisations import a_department, staffed
from factories.sharing import CONSUMER, a_request

CLAIM = "低保核对依法需要此数据，请提供"
TEXT = "提供部门自下月起提供姓名和户籍区划两项"
ADDRESS = "203.0.113.7"


def the_authority() -> Officer:
    """The province's authority, its post held by an account."""
    return staffed(an_authority())


def a_dispute(*, stage: Stage = Stage.NEGOTIATING, consumer: str = CONSUMER, provider: str = PROVIDER) -> Dispute:
    """A dispute about a refused request in a stage."""
    asked = a_request(stage=RequestStage.REFUSED, consumer=consumer, provider=provider)
    row = usecases.open_dispute("request", asked.number, "refused", CLAIM, by=someone(Role.APPLICANT, consumer))
    head, other = someone(Role.CONSUMER_HEAD, consumer), a_provider_head(provider)
    if stage is Stage.WITHDRAWN:
        return usecases.withdraw(row.number, "已另行解决", by=head)
    if stage is Stage.AGREED:
        usecases.propose(row.number, TEXT, by=head)
        return usecases.assent(row.number, TEXT, by=other)
    if stage is Stage.NEGOTIATING:
        return row
    authority = the_authority()
    row = usecases.escalate(row.number, "对方认为超出需要", by=head)
    if stage is not Stage.COORDINATING:
        row = usecases.instruct(row.number, "提供部门十日内提供两项", "属于法定职责需要", by=authority)
    if stage is Stage.CARRIED_OUT:
        return usecases.confirm_carried_out(row.number, "授权已签发", by=authority)
    if stage in (Stage.APPEALED, Stage.DECIDED):
        row = usecases.appeal(row.number, "不属于本部门职责", by=other)
    if stage is Stage.DECIDED:
        row = usecases.decide(row.number, "同意协调意见", "浙政函〔2026〕88号", by=authority)
    return row


def a_letter(**changes: Any) -> usecases.Given:
    """A complete complaint as typed."""
    typed = {
        "about": "demanded_again", "words": "在窗口办低保，已共享的户口信息仍要我再交复印件。", "department": "某区民政局",
        "contact": "13800000000", "form": secrets.token_hex(16),
    }  # fmt: skip
    return usecases.Given(**(typed | changes))


def a_complaint(
    *, stage: complaints.Stage = complaints.Stage.FILED, department: str = CONSUMER, **changes: Any
) -> tuple[Complaint, usecases.Filed]:
    """A complaint in a stage, with what its complainant was given."""
    filed = usecases.file_complaint(a_letter(**changes), address=ADDRESS)
    authority = the_authority()
    home = a_department(department)
    if stage is not complaints.Stage.FILED:
        usecases.assign(filed.number, home.uscc, "请核实", by=authority)
    if stage in (complaints.Stage.REPLIED, complaints.Stage.CLOSED):
        usecases.reply(filed.number, "已整改，不再要求提交", by=someone(Role.APPLICANT, department))
    if stage is complaints.Stage.CLOSED:
        usecases.close(filed.number, "已整改，今后不再要求提交", by=authority)
    return Complaint.objects.select_related("department").get(number=filed.number), filed
