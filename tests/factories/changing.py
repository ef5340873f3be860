# SPDX-License-Identifier: Apache-2.0
"""Changes of services people live on, in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from datetime import timedelta

from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain.changes import ChangeStage
from datong.contexts.sharing.models import ServiceChange
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_provider_head, an_authority, someone
from factories.sharing import today


def a_service_change(
    code: str, kind: str = "stop", *, stage: ChangeStage = ChangeStage.EFFECTED, provider: str = PROVIDER
) -> ServiceChange:
    """A change of a service people live on, in a stage; the day on which it may take effect has come."""
    head, far = a_provider_head(provider), today() + timedelta(days=90)
    row = usecases.propose_change(code, kind, "接口停止提供", "职责调整", far, by=head)
    if stage is ChangeStage.DROPPED:
        return usecases.drop_change(row.number, by=head)
    if stage is ChangeStage.NEGOTIATING:
        return row
    for reply in row.replies.select_related("consumer"):
        usecases.answer_change(row.number, "agreed", by=someone(Role.CONSUMER_HEAD, reply.consumer.name))
    usecases.file_change(row.number, "已与使用部门协商一致", by=head)
    if stage is ChangeStage.FILED:
        return _change(row)
    accept = stage is not ChangeStage.DECLINED
    usecases.record_change(
        row.number, accept=accept, filing="浙数备〔2026〕1号", opinion="同意" if accept else "理由不足", by=an_authority()
    )
    ServiceChange.objects.filter(pk=row.pk).update(effective_on=today())
    if stage is ChangeStage.EFFECTED:
        usecases.effect_change(row.number, by=head)
    return _change(row)


def _change(row: ServiceChange) -> ServiceChange:
    return ServiceChange.objects.select_related("resource", "provider").get(pk=row.pk)
