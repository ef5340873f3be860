# SPDX-License-Identifier: Apache-2.0
"""Try a grant: one real call to this node's gateway, as the consumer's application, for a person who looks on.

Kept here: the application's token or assertion is passed on and kept nowhere, its key never comes here. The gateway alone
decides, counts the call and keeps its evidence, which names the person; the act says who tried and under which request id,
never what was asked or answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.exchange import permissions
from datong.contexts.exchange.usecases.describing import Described, describe
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Refused, Unavailable
from datong.kernel.sharing import Channel
from datong.wire.granted.offer import RECORDS, VERIFY, Offer

TRIED = "exchange.call.tried"
TOKEN = re.compile(r"[A-Za-z0-9._-]{20,2048}")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TRIED_BY: Mapping[str, str] = {Channel.CALL: RECORDS, Channel.VERIFY: VERIFY}
"""Channel to the place of the document that is tried."""
ROWS = 10
"""Records a trial shows at most."""
LONGEST_SHOWN = 20_000
SECONDS = 15.0
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  addresses bound to, not called
TOLD = ("Datong-Request-Id", "Datong-Receipt", "Datong-Salt", "Datong-Grant", "Content-Type", "ETag", "Retry-After")


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        channel: `call` or `verify`.
        key: Item to the value records are looked up by.
        claims: Item to the value that is believed; of `verify` alone.
        token: Access token of the application; or
        assertion: Client assertion to get one with.
    """

    channel: str
    key: Mapping[str, str]
    claims: Mapping[str, str] = field(default_factory=dict)
    case: str = ""
    token: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """What was sent, without the token, and what came back.

    Attributes:
        headers: Sent, as they went out.
        answer: The body, laid out where it is JSON.
        told: Headers of the answer that matter to a caller.
        code: What the gateway calls it: `ok`, or the code of its refusal; "" where it names none.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: str
    status: int
    milliseconds: int
    answer: str
    told: dict[str, str]
    code: str = ""


def try_call(number: str, trial: Trial, *, by: Officer) -> Tried:
    """Call the gateway once under a grant.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not of the consumer, or the grant does not cover the channel.
        Malformed: Nothing to look up by, or neither token nor assertion.
        Unavailable: The gateway does not answer.
    """
    grant = sharing.grant(number, by=by)
    permissions.check_may_try(by, grant.consumer)
    offer = _check(trial, describe(number, by=by))
    method, target, body = _question(trial, offer)
    headers = _headers(trial, grant, by)
    try:
        with httpx.Client(base_url=gateway(), timeout=SECONDS, trust_env=False) as line:
            token = trial.token or _token(line, trial.assertion)
            began = perf_counter()
            reply = line.request(method, target, content=body, headers=headers | {"Authorization": f"Bearer {token}"})
            took = round((perf_counter() - began) * 1_000)
    except httpx.HTTPError as error:
        raise Unavailable("数据网关没有应答 (the gateway does not answer)", remedy="稍后再试 (try again soon)") from error
    told = {name: reply.headers[name] for name in TOLD if name in reply.headers}
    with transaction.atomic():
        facts = {"request": told.get("Datong-Request-Id", ""), "status": reply.status_code}
        audit.record(TRIED, by=by, subject=number, facts=facts)
    return Tried(method, target, headers, body, reply.status_code, took, _laid_out(reply), told, _code(reply))


def gateway() -> str:
    """Where this node reaches its own gateway."""
    host = "127.0.0.1" if settings.NODE.host in EVERYWHERE else settings.NODE.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.NODE.gateway_port}"


def _check(trial: Trial, found: Described | None) -> Offer:
    if found is None or TRIED_BY.get(trial.channel) not in found.offer.places:
        raise Refused("授权不含此方式 (the grant does not cover this channel)", remedy="选授权给了的方式 (choose one it covers)")
    faults: dict[str, str] = {}
    if not any(trial.key.values()):
        faults["key"] = "至少填一项 (give one at least)"
    said = trial.token or trial.assertion
    if not TOKEN.fullmatch(said):
        lacking = "不是令牌 (not a token)" if said else "粘贴令牌，或者选私钥文件 (paste a token, or choose the key file)"
        faults |= {"token": lacking}
    if faults:
        remedy = "补齐所列内容 (fill in what is named)"
        raise Malformed("试调用没有填全 (the trial is not complete)", fields=faults, remedy=remedy)
    return found.offer


def _question(trial: Trial, offer: Offer) -> tuple[str, str, str]:
    key = {name: value for name, value in trial.key.items() if value}
    place = f"/v1/resources/{offer.resource.code}"
    if trial.channel == Channel.CALL:
        return "GET", f"{place}/records?{urlencode(key | {'limit': str(min(ROWS, offer.most))}, quote_via=quote)}", ""
    claims = {name: value for name, value in trial.claims.items() if value}
    return "POST", f"{place}/verify", json.dumps({"key": key, "claims": claims}, ensure_ascii=False)


def _headers(trial: Trial, grant: sharing.GrantView, by: Officer) -> dict[str, str]:
    headers = {"Datong-Grant": quote(grant.number), "Datong-User": quote(by.account)}
    if grant.policy.require_purpose:
        headers["Datong-Purpose"] = quote(grant.policy.purpose)
    if trial.case:
        headers["Datong-Case"] = quote(trial.case)
    return headers | ({"Content-Type": "application/json"} if trial.channel == Channel.VERIFY else {})


def _token(line: httpx.Client, assertion: str) -> str:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
    reply = line.post("/oauth2/token", data=form)
    told: Any = reply.json() if "json" in reply.headers.get("Content-Type", "") else {}
    if reply.status_code != httpx.codes.OK or not TOKEN.fullmatch(str(told.get("access_token", ""))):
        why = str(told.get("detail") or told.get("title") or reply.status_code)[:300]
        remedy = "核对应用系统和它的私钥 (check application and key)"
        raise Refused(f"网关没有给令牌 (the gateway gave no token): {why}", remedy=remedy)
    return str(told["access_token"])


def _code(reply: httpx.Response) -> str:
    if reply.is_success:
        return "ok"
    try:
        told = reply.json()
    except ValueError:
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""


def _laid_out(reply: httpx.Response) -> str:
    try:
        text = json.dumps(reply.json(), ensure_ascii=False, indent=2)
    except ValueError:
        text = reply.text
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
