# SPDX-License-Identifier: Apache-2.0
"""Why a call under a grant may be refused: codes a caller meets there, by place, and no others.

Kept here: codes and statuses are those of the gateway (proved in the tests); a code that this grant cannot lead to is left
out: no purpose is wanted where the grant wants none, no interface fails where rows have landed.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from datong.wire.granted import offer as places
from datong.wire.granted.offer import Offer
from datong.wire.policy import Client, Pace

Part = dict[str, Any]

CODES: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "body_cut": (400, "请求体不完整 (the body is cut short)"),
        "unauthenticated": (401, "没有有效的令牌 (no valid access token)"),
        "signature_refused": (401, "调用没有按应用系统的要求签名 (not signed as the application signs its calls)"),
        "certificate_refused": (401, "没有用登记的客户端证书连接 (not connected with a certificate of the application)"),
        "address_not_allowed": (403, "不在准许的网段内 (not from a network the application calls from)"),
        "purpose_required": (403, "缺 Datong-Purpose (the purpose is missing)"),
        "purpose_mismatch": (403, "不是授权的用途 (not the granted purpose)"),
        "case_required": (403, "缺 Datong-Case (the case number is missing)"),
        "item_not_granted": (403, "授权之外的信息项，或者掩码项不能核验 (outside the grant, or granted masked)"),
        "grant_suspended": (403, "授权已暂停 (suspended)"),
        "grant_revoked": (403, "授权已撤销、终止或者被取代 (revoked, ended or superseded)"),
        "grant_expired": (403, "授权已到期 (expired)"),
        "unknown": (404, "没有这个资源，或者没有它的授权 (no such resource, or no grant on it)"),
        "not_acceptable": (406, "不给出这种格式 (not given in this form)"),
        "body_too_slow": (408, "请求体没有按时到达 (the body did not arrive in time)"),
        "grant_ambiguous": (409, "有几份授权都可用，须用 Datong-Grant 指明 (several grants would answer: name one)"),
        "cursor_stale": (409, "数据已变化，从头取 (the data changed under the cursor: begin again)"),
        "subscription_paused": (409, "订阅已暂停 (paused)"),
        "subscription_ended": (410, "订阅已结束 (ended)"),
        "resync_required": (410, "须重新取全部数据 (everything has to be read anew)"),
        "too_large": (413, "请求体过大 (the body is too large)"),
        "query_too_long": (414, "查询过长 (the query is too long)"),
        "unsupported_media_type": (415, "请求体的类型不对 (the body is of another media type)"),
        "malformed": (422, "某个参数或者字段不合要求，见 errors (a parameter or field is malformed)"),
        "filter_not_allowed": (422, "不能按此项查询，或者缺查询条件 (not to be searched by, or nothing to search by)"),
        "too_broad": (422, "分组过多或者耗时过长 (too many groups, or too slow)"),
        "quota_exhausted": (429, "当日次数已用完 (the quota of the day is used up)"),
        "rate_exceeded": (429, "调用过快 (too fast)"),
        "too_many_at_once": (429, "同时调用过多 (too many at once)"),
        "too_many_waiting": (429, "等待的调用过多 (too many wait)"),
        "too_many_reports": (429, "等待处理的报告过多 (too many reports wait)"),
        "throttled": (429, "等待的请求过多 (too many requests wait)"),
        "internal": (500, "网关故障 (a fault of the gateway)"),
        "upstream_refuses": (502, "提供部门的接口没有接受请求 (the provider's interface did not take the request)"),
        "upstream_misfit": (502, "提供部门的接口应答与目录不符 (its answer does not fit the entry)"),
        "policy_stale": (503, "策略已过期 (no fresh policy)"),
        "evidence_unavailable": (503, "无法留痕 (no evidence can be kept)"),
        "unavailable": (503, "暂时不能应答 (not now)"),
        "not_landed": (503, "数据尚未落地 (rows have not landed yet)"),
        "grant_unusable": (503, "授权与资源不符 (the grant does not fit its resource)"),
        "events_not_ready": (503, "变化事件正在准备 (the events are being prepared)"),
        "inbox_unavailable": (503, "暂时不能接收报告 (no report can be taken now)"),
        "upstream_away": (503, "提供部门的接口不可达 (the provider's interface is away)"),
        "upstream_resting": (503, "提供部门的接口连续失败，暂停转发 (it failed again and again, and rests)"),
        "upstream_busy": (503, "等待提供部门接口的调用过多 (too many calls wait for it)"),
        "upstream_late": (504, "提供部门的接口没有按时应答 (it did not answer in time)"),
    }
)
"""Code to its status and words."""
ALWAYS: Final = ("unauthenticated", "unknown", "malformed", "internal", "policy_stale", "evidence_unavailable", "unavailable")
ENDED: Final = ("grant_suspended", "grant_revoked", "grant_expired")
BODY: Final = ("body_cut", "body_too_slow", "too_large", "unsupported_media_type")
ITEMS: Final = ("item_not_granted", "filter_not_allowed")
LANDED: Final = ("not_landed", "too_many_waiting")
AHEAD: Final = tuple(code for code in CODES if code.startswith("upstream_"))
WHY, REPORT, STATE, COMPOSED, DOCUMENT = "why", "corrections", "correction", "composed", "openapi.json"
OWN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        places.RECORDS: (*ITEMS, "grant_unusable", "not_acceptable", "cursor_stale", "query_too_long"),
        places.AGGREGATE: (*ITEMS, "grant_unusable", "not_acceptable", "query_too_long", "too_broad"),
        places.VERIFY: (*ITEMS, "grant_unusable", *BODY),
        places.BATCH: (*ITEMS, "grant_unusable", *BODY),
        places.EVENTS: ("subscription_paused", "subscription_ended", "resync_required", "events_not_ready", "throttled"),
        COMPOSED: (*BODY, "not_acceptable"),
        WHY: (),
        DOCUMENT: (*ENDED, "grant_ambiguous"),
        REPORT: (*ENDED, *BODY, "item_not_granted", "inbox_unavailable", "too_many_reports"),
        STATE: ("inbox_unavailable",),
    }
)
"""Place to the codes that are its own."""
CALLS: Final = (places.RECORDS, places.AGGREGATE, places.VERIFY, places.BATCH)


def refused(offer: Offer, client: Client, place: str) -> Part:
    """The refusals of a place, as responses."""
    statuses: dict[int, list[str]] = {}
    for code in codes_of(offer, client, place):
        statuses.setdefault(CODES[code][0], []).append(code)
    return {str(status): _response(sorted(statuses[status])) for status in sorted(statuses)}


def codes_of(offer: Offer, client: Client, place: str) -> set[str]:
    """Codes a caller may meet at a place."""
    found = {*ALWAYS, *OWN[place], *(("signature_refused",) if client.signed else ())}
    found |= {"address_not_allowed"} if client.networks else set()
    found |= {"certificate_refused"} if client.certificates else set()
    if place in (*CALLS, places.EVENTS):
        found |= {*ENDED, *_wanted(offer), *_limits(offer)}
    if place in CALLS:
        found |= {"grant_ambiguous", *(LANDED if offer.resource.upstream is None else AHEAD)}
    return found


def _wanted(offer: Offer) -> Iterator[str]:
    if offer.grant.require_purpose:
        yield from ("purpose_required", "purpose_mismatch")
    if offer.grant.by_case:
        yield "case_required"


def _limits(offer: Offer) -> Iterator[str]:
    """Codes of limits that grant or source have."""
    paces: Iterable[Pace] = (offer.grant.pace, offer.resource.pace)
    if offer.grant.quota_per_day is not None:
        yield "quota_exhausted"
    if any(one.per_second for one in paces):
        yield "rate_exceeded"
    if any(one.at_once for one in paces):
        yield "too_many_at_once"


def _response(codes: list[str]) -> Part:
    told = "；".join(f"`{code}` {CODES[code][1]}" for code in codes)
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}], "properties": {"code": {"enum": codes}}}
    return {"description": told, "content": {"application/problem+json": {"schema": schema}}}
