# SPDX-License-Identifier: Apache-2.0
"""Applications that connect with certificates of their own (RFC 8705): without it neither key nor token opens anything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

import jwt
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from datong.crypto.certificates import thumbprint
from datong.kernel.addresses import networks
from factories.certificates import a_certificate
from factories.gateways import CODE, FORM, PLACE, Node, Reply, Standing, form, lawful, started

QUESTION = {"key": {"id": "330106199001010000"}, "claims": {"name": "张0"}}


OLD, NEW, OTHER = a_certificate(), a_certificate(), a_certificate()


def mark(certificate: x509.Certificate) -> str:
    return thumbprint(certificate.public_bytes(Encoding.DER))


def told(certificate: x509.Certificate) -> dict[str, str]:
    """The header as RFC 9440 writes it."""
    return {"Client-Cert": f":{base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}:"}


def as_nginx(certificate: x509.Certificate) -> dict[str, str]:
    """The header as nginx's `$ssl_client_escaped_cert` is."""
    return {"Client-Cert": quote(certificate.public_bytes(Encoding.PEM).decode())}


def bound(gateway: Standing, *certificates: x509.Certificate) -> None:
    gateway.offer(clients=[gateway.node.civil.client(certificates=list(map(mark, certificates))), gateway.node.police.client()])


def asked(gateway: Standing, headers: dict[str, str]) -> Reply:
    body = form(gateway.node.civil.assertion(gateway.clock.now))
    return gateway.ask("POST", "/oauth2/token", body=body, kind=FORM, headers=headers)


def token_of(gateway: Standing, headers: dict[str, str]) -> str:
    reply = asked(gateway, headers)
    assert reply.status == 200, reply.body
    return str(reply.json["access_token"])


@pytest.fixture
def gateway(node: Node) -> Iterator[Standing]:
    with started(node, policy=False, certifiers=networks(["127.0.0.1"])) as standing:
        bound(standing, OLD)
        yield standing


def test_a_token_names_its_certificate_and_is_good_with_it(gateway: Standing):
    token = token_of(gateway, told(OLD))
    assert jwt.decode(token, options={"verify_signature": False})["cnf"] == {"x5t#S256": mark(OLD)}
    assert gateway.records(token, **told(OLD)).status == gateway.records(token, **as_nginx(OLD)).status == 200
    assert gateway.verify(token, QUESTION, **told(OLD)).json["found"] is True


def test_a_stolen_token_opens_nothing_on_another_connection(gateway: Standing):
    token = token_of(gateway, told(OLD))
    part = {"name": "a", "resource": CODE, "service": "records", "key": {"id": "330106199001010000"}}
    whole = orjson.dumps({"parts": [part]})
    for stolen in ({}, told(OTHER)):
        replies = [
            gateway.records(token, **stolen), gateway.verify(token, QUESTION, **stolen),
            gateway.ask("GET", f"{PLACE}/why", headers=lawful(token) | stolen),
            gateway.ask("POST", "/v1/composed", headers=lawful(token) | stolen, body=whole, kind="application/json"),
            gateway.ask("GET", "/v1/subscriptions/DY-1/events", headers=lawful(token) | stolen),
        ]  # fmt: skip
        assert {(reply.status, reply.code) for reply in replies} == {(401, "certificate_refused")}
    refusal = gateway.records(token).json
    assert "没有出示证书" in refusal["detail"] and "none was presented" in refusal["detail"]
    assert "registered" in refusal["remedy"] and "登记" in refusal["remedy"]
    last = gateway.node.evidence()[-1]
    assert (last["client"], last["code"], last["rows"]) == ("civil-app", "certificate_refused", 0)


def test_a_stolen_key_gets_no_token_on_another_connection(gateway: Standing):
    for stolen in ({}, told(OTHER)):
        reply = asked(gateway, stolen)
        assert (reply.status, reply.code, reply.json["error"]) == (401, "certificate_refused", "invalid_client")
    assert gateway.node.evidence()[-1]["client"] == "civil-app"


def test_a_header_of_somebody_else_is_as_if_it_were_not_there(node: Node):
    here, other = networks(["127.0.0.1"]), networks(["10.0.0.5"])
    for certifiers, proxies in (((), ()), (other, ()), ((), here), (other, here)):
        with started(node, policy=False, certifiers=certifiers, proxies=proxies) as gateway:
            bound(gateway, OLD)
            for headers in (told(OLD), told(OLD) | {"X-Forwarded-For": "10.0.0.5"}):
                assert asked(gateway, headers).code == "certificate_refused"
            assert gateway.token(node.police)


HOSTILE = {
    "nothing": "", "empty": "::", "half": ":", "no colon": told(OLD)["Client-Cert"][1:-1], "no base64": ":*:",
    "url base64": ":__--:", "cut": told(OLD)["Client-Cert"][:-5] + ":", "two": f"{told(OLD)['Client-Cert']}, {told(OLD)['Client-Cert']}",
    "thumbprint": mark(OLD), "escaped": "%", "latin": "\xff\xfe", "key": quote("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    "huge": f":{'A' * 40_000}:", "huge escaped": "%41" * 20_000, "no pem": quote("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
    "chain": as_nginx(OLD)["Client-Cert"] + as_nginx(OTHER)["Client-Cert"],
}  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_what_does_not_read_is_no_certificate(gateway: Standing, said: str):
    reply = asked(gateway, {"Client-Cert": said})
    assert (reply.status, reply.code) == (401, "certificate_refused")
    assert said[:40] not in str(reply.json) or len(said) < 2


def test_a_header_that_is_there_twice_is_refused(gateway: Standing):
    token = token_of(gateway, told(OLD))
    pairs = [(name.lower().encode(), value.encode()) for name, value in (lawful(token) | told(OLD)).items()]
    twice = [*pairs, (b"client-cert", told(OTHER)["Client-Cert"].encode())]
    assert gateway.ask("GET", f"{PLACE}/records?id=330106199001010000", headers=pairs).status == 200
    assert gateway.ask("GET", f"{PLACE}/records?id=330106199001010000", headers=twice).code == "certificate_refused"


def test_two_certificates_overlap_and_a_token_ends_with_its_own(gateway: Standing):
    early = token_of(gateway, told(OLD))
    bound(gateway, OLD, NEW)
    late = token_of(gateway, told(NEW))
    assert gateway.records(early, **told(OLD)).status == gateway.records(late, **told(NEW)).status == 200
    for token, other in ((early, NEW), (late, OLD)):
        assert gateway.records(token, **told(other)).code == "certificate_refused"
    bound(gateway, NEW)
    assert (gateway.records(early, **told(OLD)).code, gateway.records(early, **told(NEW)).code) == ("unauthenticated",) * 2
    assert asked(gateway, told(OLD)).code == "certificate_refused"
    assert gateway.records(late, **told(NEW)).status == 200


def test_tokens_of_before_and_of_after_are_asked_for_anew(gateway: Standing):
    with_one = token_of(gateway, told(OLD))
    bound(gateway)
    without = token_of(gateway, {})
    assert gateway.records(without).status == 200
    assert gateway.records(with_one, **told(OLD)).code == "unauthenticated"
    bound(gateway, OLD)
    assert gateway.records(without, **told(OLD)).code == "unauthenticated"
    assert gateway.records(with_one, **told(OLD)).status == 200


def test_an_application_without_certificates_is_asked_for_none(gateway: Standing):
    assert gateway.token(gateway.node.police) and asked(gateway, told(OLD)).status == 200
    bound(gateway)
    assert gateway.records(token_of(gateway, {"Client-Cert": "nonsense"}), **told(OTHER)).status == 200


def test_the_metadata_tell_of_bound_tokens_where_a_proxy_tells_of_certificates(node: Node):
    for certifiers, may in (((), False), (networks(["10.0.0.5"]), True)):
        with started(node, policy=False, certifiers=certifiers, public_url="https://gw.example.gov.cn") as gateway:
            found = gateway.ask("GET", "/.well-known/oauth-authorization-server").json
            assert found["tls_client_certificate_bound_access_tokens"] is may
