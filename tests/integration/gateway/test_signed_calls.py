# SPDX-License-Identifier: Apache-2.0
"""Calls of an application that signs each of them: what is not signed, signed anew or signed once only is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import orjson
import pytest

from datong.crypto import keys, messages
from datong.crypto.signing import SM2, Ed25519Signer, Signer
from factories.gateways import FORM, PLACE, Caller, Node, Reply, Standing, form, lawful, started

COVER = ("@method", "@request-target", "authorization", "datong-purpose", "datong-case")
QUESTION = orjson.dumps({"key": {"id": "330106199001010000"}, "claims": {"name": "张0"}})
ASKED = f"{PLACE}/records?id=330106199001010000"


@pytest.fixture
def gateway(node: Node) -> Iterator[Standing]:
    with started(node, policy=False) as standing:
        standing.offer(clients=[node.civil.client(signed=True), node.police.client()])
        yield standing


def call(
    gateway: Standing, token: str, target: str = ASKED, *, method: str = "GET", body: bytes = b"", signer: Signer | None = None,
    cover: tuple[str, ...] = COVER, age: int = 0, nonce: str = "", more: dict[str, str] | None = None, sent: bytes | None = None,
) -> Reply:  # fmt: skip
    """A call that signs `target` and `body`, and perhaps sends others."""
    headers = {name.lower(): value for name, value in lawful(token).items()} | (more or {})
    if method == "POST":
        headers["content-digest"] = messages.content_digest(body)
        cover = (*cover, "content-digest")
    path, _, query = target.partition("?")
    request = messages.Request(method, "", path, query, headers)
    made = messages.sign(
        request, cover, signer or Ed25519Signer(gateway.node.civil.key), created=int(gateway.clock.now) - age,
        nonce=nonce or uuid.uuid4().hex,
    )  # fmt: skip
    kind = "application/json" if method == "POST" else ""
    return gateway.ask(method, target, headers=headers | made, body=body if sent is None else sent, kind=kind)


def test_a_signed_call_is_answered_and_noted(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    assert call(gateway, token).status == 200
    verified = call(gateway, token, f"{PLACE}/verify", method="POST", body=QUESTION)
    assert (verified.status, verified.json["found"]) == (200, True)
    assert len(gateway.node.evidence()[-1]["signature"]) == 64


def test_a_call_without_a_signature_is_refused_with_the_token_alone(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    for reply in (gateway.records(token), gateway.verify(token, QUESTION)):
        assert (reply.status, reply.code) == (401, "signature_refused")
    last = gateway.node.evidence()[-1]
    assert (last["client"], last["code"], last["rows"]) == ("civil-app", "signature_refused", 0)
    assert gateway.ask("GET", "/v1/subscriptions/DY-1/events", headers=lawful(token)).status == 401


def test_a_composed_call_is_signed_whole_and_noted_in_each_part(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    part = {"resource": "3330001001/1", "service": "verify", "claims": {"name": "张0"}}
    asked = orjson.dumps({"key": {"id": "330106199001010000"}, "parts": [part | {"name": "a"}, part | {"name": "b"}]})
    bare = gateway.ask("POST", "/v1/composed", headers=lawful(token), body=asked, kind="application/json")
    assert (bare.status, bare.code) == (401, "signature_refused")
    reply = call(gateway, token, "/v1/composed", method="POST", body=asked, nonce="once-and-no-more")
    assert [one["code"] for one in reply.json["parts"]] == ["ok", "ok"]
    first, second = gateway.node.evidence()[-2:]
    assert first["signature"] == second["signature"] and len(first["signature"]) == 64
    assert call(gateway, token, "/v1/composed", method="POST", body=asked, nonce="once-and-no-more").code == "signature_refused"
    assert call(gateway, token, "/v1/composed", method="POST", body=asked, sent=asked + b" ").status == 401


def test_a_signature_is_good_once_and_after_a_restart_too(gateway: Standing, node: Node):
    token = gateway.token(node.civil)
    assert call(gateway, token, nonce="once-and-no-more").status == 200
    assert call(gateway, token, nonce="once-and-no-more").code == "signature_refused"
    gateway.app.stop()
    (node.folder / "run" / "assertions.sqlite").unlink()
    with started(node, policy=False, now=gateway.clock.now) as again:
        assert call(again, token, nonce="once-and-no-more").code == "signature_refused"
        assert call(again, token).status == 200
    gateway.app.start()


def test_a_signature_used_at_one_gateway_is_used_at_the_others(gateway: Standing, node: Node):
    token = gateway.token(node.civil)
    assert call(gateway, token, nonce="seen-at-the-first").status == 200
    with started(node, policy=False, now=gateway.clock.now, log_name="gateway-1") as second:
        assert call(second, token, nonce="seen-at-the-first").code == "signature_refused"
        assert call(second, token, nonce="seen-at-the-second").status == 200
        assert call(gateway, token, nonce="seen-at-the-second").code == "signature_refused"


@pytest.mark.parametrize("left_out", COVER)
def test_whatever_decides_about_a_call_is_signed(gateway: Standing, left_out: str):
    token = gateway.token(gateway.node.civil)
    reply = call(gateway, token, cover=tuple(name for name in COVER if name != left_out))
    assert (reply.status, reply.code) == (401, "signature_refused")


@pytest.mark.parametrize(("age", "status"), [(0, 200), (59, 200), (62, 401), (-29, 200), (-31, 401), (10**6, 401)])
def test_a_signature_is_good_for_a_minute(gateway: Standing, age: int, status: int):
    assert call(gateway, gateway.token(gateway.node.civil), age=age).status == status


def test_another_body_than_the_signed_one_is_refused(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    for sent in (QUESTION.replace(b"0000", b"0003"), b"", QUESTION + b" "):
        reply = call(gateway, token, f"{PLACE}/verify", method="POST", body=QUESTION, sent=sent)
        assert (reply.status, reply.code) == (401, "signature_refused")


def test_a_header_or_target_changed_on_the_way_is_refused(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    headers = {name.lower(): value for name, value in lawful(token).items()}
    signer = Ed25519Signer(gateway.node.civil.key)
    path, _, query = ASKED.partition("?")
    made = messages.sign(
        messages.Request("GET", "", path, query, headers), COVER, signer, created=int(gateway.clock.now), nonce="0123456789"
    )
    changed = [
        (ASKED, headers | {"datong-case": "AJ-2"}), (ASKED.replace("0000", "0003"), headers),
        (ASKED, headers | {"datong-user": "someone"}), (ASKED, headers | {"datong-grant": "SQ-1"}),
    ]  # fmt: skip
    for target, other in changed:
        assert gateway.ask("GET", target, headers=other | made).code == "signature_refused"
    assert gateway.ask("GET", ASKED, headers=headers | made).status == 200


def test_the_key_of_somebody_else_signs_nothing(gateway: Standing):
    token = gateway.token(gateway.node.civil)
    stranger = Ed25519Signer(gateway.node.police.key)
    assert call(gateway, token, signer=stranger).code == "signature_refused"
    lying = call(gateway, token, signer=Posing(stranger, Ed25519Signer(gateway.node.civil.key).key_id))
    assert lying.code == "signature_refused"


class Posing:
    """A signer that names the key of another."""

    algorithm = "ed25519"

    def __init__(self, signer: Signer, key_id: str) -> None:
        self._signer, self.key_id = signer, key_id

    def sign(self, data: bytes) -> bytes:
        return self._signer.sign(data)

    def public_pem(self) -> bytes:
        return self._signer.public_pem()


@pytest.mark.parametrize(
    "said",
    [
        "", "sig=", 'sig=("@method");created=1', 'sig=("@method" "@method");created=1;keyid="k";nonce="n"', "sig=();created=1",
        'sig=("@status");created=1;keyid="k";nonce="n"', 'sig=("@method");created="1";keyid="k";nonce="n"', "a" * 5_000,
        'sig=("@method";req);created=1;keyid="k";nonce="n"', 'a=("@method");created=1;keyid="k";nonce="n", b=("@path")',
        'sig=("@method");created=1;keyid="k";nonce="n";created=2', 'sig=("x" "\u00e9");created=1', 'sig=("@query-param";name="id");created=1',
    ],
)  # fmt: skip
def test_a_signature_of_another_shape_is_refused(gateway: Standing, said: str):
    token = gateway.token(gateway.node.civil)
    more = {"Signature-Input": said, "Signature": "sig=:AAAA:"}
    reply = gateway.ask("GET", ASKED, headers=lawful(token) | more)
    assert (reply.status, reply.code) == (401, "signature_refused")


def test_an_sm2_key_signs_calls_as_well(node: Node, tmp_path_factory: pytest.TempPathFactory):
    signer = keys.generate(tmp_path_factory.mktemp("sm2") / "app.key", SM2)
    with started(node, policy=False) as gateway:
        gateway.offer(clients=[node.civil.client()])
        token = gateway.token(node.civil)
        both = node.civil.client(public_key=signer.public_pem().decode(), former_key=node.civil.pem, former_ends="2099-01-01")
        gateway.offer(clients=[both.__class__(**{name: getattr(both, name) for name in both.__struct_fields__} | {"signed": True})])
        assert call(gateway, token, signer=signer).status == 200
        assert call(gateway, token, signer=Ed25519Signer(node.civil.key)).status == 200


def test_who_does_not_sign_is_not_asked_to(gateway: Standing):
    police = Caller("police-app", gateway.node.police.department, gateway.node.police.key)
    reply = gateway.ask("POST", "/oauth2/token", body=form(police.assertion(gateway.clock.now)), kind=FORM)
    assert gateway.ask("GET", ASKED, headers=lawful(reply.json["access_token"])).code == "unknown"
