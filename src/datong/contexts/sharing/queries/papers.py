# SPDX-License-Identifier: Apache-2.0
"""What is printed of a request and a grant: 受理回执, 答复书, the grant's certificate (809 arts. 20 and 21).

Kept here: a paper says what the rows say now and names no person but the departments; who may see the request or the grant
may have its papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from datong.contexts.periods.face import clocks_of
from datong.contexts.sharing.domain import RefusalCategory, Stage
from datong.contexts.sharing.models import Grant, Request
from datong.contexts.sharing.queries.grants import envelope, grant_of
from datong.contexts.sharing.queries.requests import request_of
from datong.kernel.actors import Officer
from datong.kernel.errors import Refused, Unknown
from datong.kernel.sharing import Channel, RequestBasis
from datong.wire.papers import Paper

RULE_21 = "政务数据共享条例第二十一条"
DECIDED = frozenset({Stage.GRANTED, Stage.REFUSED})


def receipt(number: str, *, by: Officer) -> Paper:
    """Give the receipt of a request: the provider has it, and answers until when.

    Raises:
        Unknown: No such request, or none visible.
        Refused: The consumer's head does not stand behind it yet, so nothing was received.
    """
    row = request_of(number, by=by)
    if row.endorsed_at is None:
        raise Refused(
            "本部门负责人同意后才有受理回执 (there is a receipt once the consumer's head stands behind the request)",
            remedy="等待本部门负责人处理 (wait for the head of your department)",
            rule=RULE_21,
        )
    clock = clocks_of(number).filter(started_at__gte=row.endorsed_at).first() or clocks_of(number).first()
    facts = [*_about(row), (gettext("受理时间"), _moment(row.endorsed_at))]
    if clock is not None:
        days = gettext("%(days)s 个工作日") % {"days": clock.days + clock.extended_days}
        facts += [(gettext("答复期限"), days), (gettext("答复截止日"), clock.due.isoformat())]
    words = gettext(
        "答复期限自受理次日起算，遇法定节假日、调休顺延；材料不齐全的，提供部门一次性告知补正，不得以此为由不予共享。"
    )
    return _paper(gettext("政务数据共享申请受理回执"), row, facts, [(gettext("说明"), [words])], row.endorsed_at)


def decision(number: str, *, by: Officer) -> Paper:
    """Give the answer to a request.

    Raises:
        Unknown: No such request, or none visible.
        Refused: It is not answered yet.
    """
    row = request_of(number, by=by)
    if row.stage not in DECIDED or row.decided_at is None:
        raise Refused(
            "尚未答复，没有答复书 (the request is not answered yet)",
            remedy="等待提供部门答复 (wait for the provider)",
            rule=RULE_21,
        )
    grant = Grant.objects.filter(request=row).first()
    facts = [*_about(row), (gettext("答复"), gettext(row.stage_label)), (gettext("答复时间"), _moment(row.decided_at))]
    said = [(gettext("意见或理由"), [row.opinion])] if row.opinion else []
    if grant is None:
        category = gettext(RefusalCategory(row.refusal_category).label)
        facts.append((gettext("不同意的类别"), category))
        remedy = gettext("对答复有异议的，先与提供部门协商；协商不成，提请同级数据共享主管部门协调（条例第二十八条）。")
        said.append((gettext("救济途径"), [remedy]))
    else:
        facts += _given(grant)
    return _paper(gettext("政务数据共享申请答复书"), row, facts, said, row.decided_at)


def certificate(number: str, *, by: Officer) -> Paper:
    """Give the certificate of a grant, with the digest of its signed document.

    Raises:
        Unknown: No such grant, or none visible.
    """
    row = grant_of(number, by=by)
    facts = [
        (gettext("使用部门"), row.consumer.name), (gettext("提供部门"), row.provider.name),
        (gettext("资源"), f"{row.resource.name}\n{row.resource_id}"), (gettext("应用系统"), row.application.name),
        (gettext("依据"), _basis(row.request)), *_given(row), (gettext("申请编号"), row.request.number),
        (gettext("签发时间"), _moment(row.granted_at)), (gettext("签名密钥"), f"{row.key_id}（{row.algorithm}）"),
    ]  # fmt: skip
    words = gettext("本证书是授权文书的打印件；授权文书以节点签名为准，可下载后离线验证。有效状态以平台显示为准。")
    return Paper(
        heading=gettext("政务数据共享授权证书"),
        number=row.number,
        issuer=row.provider.name,
        day=_day(row.granted_at),
        facts=facts,
        sections=[(gettext("说明"), [words])],
        foot=_foot(),
        url=f"{settings.NODE.address}/grants/{row.number}",
        digest=row.digest,
        words=(gettext("编号"), gettext("摘要")),
    )


PAPERS: Mapping[str, Callable[..., Paper]] = {"receipt": receipt, "decision": decision}
"""Papers of a request by the name in their address."""


def paper_of(number: str, kind: str, *, by: Officer) -> Paper:
    """Give a paper of a request.

    Raises:
        Unknown: No such paper or request, or none visible.
        Refused: It does not exist yet.
    """
    if kind not in PAPERS:
        raise Unknown("没有这种文书 (there is no such paper)")
    return PAPERS[kind](number, by=by)


def papers_ready(row: Request) -> list[str]:
    """Give the names of the papers a request has by now."""
    ready = ["receipt"] if row.endorsed_at is not None else []
    return [*ready, "decision"] if row.stage in DECIDED and row.decided_at is not None else ready


def _about(row: Request) -> list[tuple[str, str]]:
    return [
        (gettext("申请部门"), row.consumer.name),
        (gettext("提供部门"), row.provider.name),
        (gettext("资源"), f"{row.resource.name}\n{row.resource_id}"),
        (gettext("使用依据"), _basis(row)),
        (gettext("使用场景"), row.scene),
        (gettext("使用目的"), row.purpose),
        (gettext("共享方式"), _channels(row.channels)),
        (gettext("使用时限"), _term(row.term_from, row.term_until)),
    ]


def _given(row: Grant) -> list[tuple[str, str]]:
    document = envelope(row)["grant"]
    named = dict(row.request.version.items.values_list("field", "name"))
    items = gettext("、").join(f"{named.get(one['field'], '')}（{one['field']}）" for one in document["items"])
    return [
        (gettext("授权编号"), row.number),
        (gettext("给哪些信息项"), items),
        (gettext("给哪些方式"), _channels(document["channels"])),
        (gettext("授权期限"), _term(row.valid_from, row.valid_until)),
    ]


def _paper(
    heading: str, row: Request, facts: list[tuple[str, str]], sections: list[tuple[str, list[str]]], at: datetime
) -> Paper:
    return Paper(
        heading=heading, number=row.number, issuer=row.provider.name, day=_day(at), facts=facts, sections=sections, foot=_foot(),
        url=f"{settings.NODE.address}/requests/{row.number}", words=(gettext("编号"), gettext("摘要")),
    )  # fmt: skip


def _foot() -> str:
    return gettext("由%(node)s政务数据共享平台出具；扫码查看办理情况") % {"node": settings.NODE.name}


def _basis(row: Request) -> str:
    kind = gettext(RequestBasis(row.basis_kind).label) if row.basis_kind else ""
    return f"{kind}　{row.basis}" if kind else row.basis


def _channels(values: list[str]) -> str:
    return gettext("、").join(gettext(Channel(one).label) for one in values)


def _term(first: object, last: object) -> str:
    return f"{first or '—'} {gettext('至')} {last or '—'}"


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _day(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d")
