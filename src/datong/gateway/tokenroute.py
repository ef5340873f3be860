# SPDX-License-Identifier: Apache-2.0
"""POST /oauth2/token: a client assertion for an access token (RFC 6749 section 4.4, RFC 7523 section 2.2).

Kept here: each request is recorded before its answer leaves, with the hash of the assertion's id and never the
assertion; refusals are problem documents that carry OAuth's `error` as well.
"""

import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

import orjson

from datong.gateway import bodies
from datong.gateway.answers import Answer, Receive, Scope, Send, give, refused
from datong.gateway.asking import Ask
from datong.gateway.assertions import Assertions
from datong.gateway.callers import Callers
from datong.gateway.calls import TokenRecord, encoded, new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.policy import PolicyHolder
from datong.gateway.refusals import EvidenceUnavailable, MethodNotAllowed, TokenRequestMalformed, failed
from datong.gateway.snapshot import Snapshot
from datong.gateway.tally import Tally
from datong.gateway.tally import clock as timer
from datong.kernel.errors import DatongError
from datong.wire.instants import text_of

log = logging.getLogger("datong.gateway")

PATH: Final = "/oauth2/token"
GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OAUTH: Final = {400: "invalid_request", 401: "invalid_client", 429: "slow_down", 503: "temporarily_unavailable"}


class TokenDesk:
    """Hands out access tokens."""

    def __init__(
        self,
        config: GatewayConfig,
        holder: PolicyHolder,
        callers: Callers,
        assertions: Assertions,
        evidence: Evidence,
        clock: Callable[[], float],
        *,
        tally: Tally,
    ) -> None:
        self._config, self._holder, self._callers = config, holder, callers
        self._assertions, self._evidence, self._tally, self._clock = assertions, evidence, tally, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one token request."""
        now, began = self._clock(), timer()
        record = TokenRecord(at=text_of(now), request_id=new_id())
        try:
            answer = await self._answer(record, now, scope, receive)
        except DatongError as refusal:
            more = {"error": OAUTH.get(refusal.status, "invalid_request"), "error_description": refusal.message}
            answer = refused(refusal, record.request_id, more=more)
        except Exception:
            log.exception("token request %s failed", record.request_id)
            answer = refused(failed(), record.request_id)
        record.status, record.code = answer.status, answer.code
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            extra.append((b"datong-receipt", await self._evidence.keep(encoded(record))))
        except EvidenceUnavailable as refusal:
            answer = refused(refusal, record.request_id)
        self._tally.note_token(record.client, answer.code, now, began)
        await give(send, answer, head=scope["method"] == "HEAD", extra=extra)

    async def _answer(self, record: TokenRecord, now: float, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            raise MethodNotAllowed("a token is asked for by POST", fields={"method": "POST"})
        snapshot = self._holder.current(now)
        record.policy_version = snapshot.version
        ask = Ask(scope["headers"])
        bodies.check_kind(ask.content_type, "application/x-www-form-urlencoded")
        form = _form(await bodies.read(receive, ask.content_length, self._config.limits))
        return self._issue(record, form, scope, snapshot, now)

    def _issue(self, record: TokenRecord, form: dict[str, str], scope: Scope, snapshot: Snapshot, now: float) -> Answer:
        client, key, mark = self._assertions.check(form["client_assertion"], snapshot, now)
        if form.get("client_id", client.client_id) != client.client_id:
            raise TokenRequestMalformed("client_id is not the assertion's", fields={"client_id": "leave it out"})
        record.client, record.assertion = client.client_id, mark
        bound = self._callers.check(client, scope, snapshot)
        token = self._callers.tokens.mint(client.client_id, key.print, now, bound)
        body = {"access_token": token, "token_type": "Bearer", "expires_in": self._config.token_ttl}
        return Answer(200, orjson.dumps(body), headers=((b"pragma", b"no-cache"),))


def _form(raw: bytes) -> dict[str, str]:
    """Read the form: each field once, the two fixed values right, the assertion there."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=16, errors="strict")
    except ValueError:
        raise TokenRequestMalformed("the form cannot be read", fields={"body": "percent-encoded UTF-8 fields"}) from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRequestMalformed("a field is there twice", fields={"body": "send each field once"})
    wanted = {"grant_type": GRANT_TYPE, "client_assertion_type": ASSERTION_TYPE}
    wrong = {name: f"must be {value}" for name, value in wanted.items() if form.get(name) != value}
    if not form.get("client_assertion"):
        wrong["client_assertion"] = "missing"
    if wrong:
        raise TokenRequestMalformed("the token request is not one for client credentials", fields=wrong)
    return form
