# SPDX-License-Identifier: Apache-2.0
"""Requests and grants in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from datong.contexts.catalog.models import Version
from datong.contexts.organisations.domain import ApplicationView
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import Decision, GrantStage, RequestDraft, RowRule, Stage
from datong.contexts.sharing.domain.disposals import Certificate
from datong.contexts.sharing.models import Grant, Request
from datong.kernel.actors import Officer, Role
from datong.kernel.workdays import received_on
from factories.catalog import PROVIDER, a_provider_head, a_resource, someone
from factories.organisations import a_department, an_application, staffed

CONSUMER = "浙江省民政厅"
an_applicant = partial(someone, Role.APPLICANT, CONSUMER)
a_consumer_head = partial(someone, Role.CONSUMER_HEAD, CONSUMER)


def today() -> date:
    return received_on(datetime.now(UTC))


def an_application_of(consumer: str = CONSUMER) -> ApplicationView:
    """The consumer's application, a new one each time."""
    return an_application(by=someone(Role.APPLICANT, consumer)).application


def a_request_draft(resource: Version | None = None, *, consumer: str = CONSUMER, **changes: Any) -> RequestDraft:
    """A complete request as handed in, for a conditional resource unless one is given."""
    code = (resource or a_resource()).resource.code
    draft = RequestDraft(
        resource=code,
        application=changes.pop("application", None) or an_application_of(consumer).client_id,
        basis_kind="regulation",
        basis="《社会救助暂行办法》第五十八条",
        scene="最低生活保障申请家庭成员身份核对",
        scope="省、市、县三级民政部门经办人员",
        purpose="低保资格核查",
        channels=("call", "verify"),
        items=("resident_id", "name", "division"),
        rows=(RowRule("division", "prefix", ("33",)),),
        row_scope="本省户籍",
        term_from=today(),
        term_until=today() + timedelta(days=365),
        quota_per_day=1000,
    )
    return replace(draft, **changes)


def a_request(
    draft: RequestDraft | None = None, *, stage: Stage = Stage.ENDORSED, consumer: str = CONSUMER, provider: str = PROVIDER
) -> Request:
    """A request in a stage."""
    applicant, head = someone(Role.APPLICANT, consumer), someone(Role.CONSUMER_HEAD, consumer)
    staffed(a_provider_head(provider))
    row = usecases.draft_request(draft or a_request_draft(a_resource(provider=provider), consumer=consumer), by=applicant)
    if stage is Stage.WITHDRAWN:
        return usecases.withdraw_request(row.number, by=applicant)
    if stage is Stage.DRAFT:
        return row
    usecases.file_request(row.number, by=applicant)
    if stage is Stage.RETURNED:
        return usecases.return_request(row.number, "请写明条款", by=head)
    if stage is not Stage.FILED:
        usecases.endorse_request(row.number, by=head)
    if stage is Stage.GRANTED:
        usecases.grant_request(row.number, by=a_provider_head(provider))
    if stage is Stage.REFUSED:
        usecases.refuse_request(row.number, "beyond_need", "核对身份无需此数据", by=a_provider_head(provider))
    return Request.objects.select_related("resource", "provider", "consumer").get(pk=row.pk)


def a_grant(
    decision: Decision | None = None,
    *,
    request: Request | None = None,
    stage: GrantStage = GrantStage.ACTIVE,
    provider: str = PROVIDER,
    consumer: str = CONSUMER,
) -> Grant:
    """A grant in a stage."""
    row = request or a_request(consumer=consumer, provider=provider)
    head: Officer = a_provider_head(provider)
    made = usecases.grant_request(row.number, decision, by=head)
    if stage in (GrantStage.SUSPENDED, GrantStage.REVOKED):
        stopped = usecases.suspend_grant(made.number, "超范围使用，限期整改", by=head)
        if stage is GrantStage.SUSPENDED:
            return stopped
    if stage is GrantStage.REVOKED:
        return usecases.revoke_grant(made.number, "拒不整改", by=head)
    if stage is GrantStage.TERMINATED:
        return usecases.terminate_grant(made.number, "met", by=someone(Role.APPLICANT, consumer))
    if stage is GrantStage.SUPERSEDED:
        an_amendment(made)
        made.refresh_from_db()
    if stage in (GrantStage.EXPIRED, GrantStage.DISPOSED):
        usecases.expire_grants(datetime.combine(made.valid_until + timedelta(days=2), datetime.min.time(), UTC))
        made.refresh_from_db()
    if stage is GrantStage.DISPOSED:
        usecases.certify_disposal(made.disposal.number, A_CERTIFICATE, by=someone(Role.APPLICANT, consumer))
        made.refresh_from_db()
    return made


A_CERTIFICATE = Certificate(
    what="省民政厅低保核对库 hukou_check 表全部数据", method="erased", performed_by="信息中心 王五", performed_on=today()
)


def an_amendment(grant: Grant, decision: Decision | None = None, **changes: Any) -> Grant:
    """A new grant that supersedes one, asked for and granted."""
    row = an_amending_request(grant, **changes)
    return usecases.grant_request(row.number, decision, by=a_provider_head(grant.provider.name))


def an_amending_request(grant: Grant, **changes: Any) -> Request:
    """A request that would change a grant, endorsed."""
    draft = replace(queries.as_draft(grant.request), amends=grant.number, **changes)
    return a_request(draft, consumer=grant.consumer.name, provider=grant.provider.name)


def a_department_of(name: str = CONSUMER) -> str:
    """The credit code of a department."""
    return a_department(name).uscc
