# SPDX-License-Identifier: Apache-2.0
"""The metadata of the token endpoint (RFC 8414) say what the gateway does."""

from __future__ import annotations

from factories.gateways import FORM, Node, Standing, form, started

PATH = "/.well-known/oauth-authorization-server"
ADDRESS = "https://gw.example.gov.cn"


def test_the_metadata_lead_a_client_to_a_token(node: Node):
    with started(node, public_url=f"{ADDRESS}/", token_endpoints=(f"{ADDRESS}/oauth2/token",)) as gateway:
        told = gateway.ask("GET", PATH, headers={"Host": "elsewhere.example"}).json
        assert told == {
            "issuer": ADDRESS,
            "token_endpoint": f"{ADDRESS}/oauth2/token",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["EdDSA", "SM2"],
            "tls_client_certificate_bound_access_tokens": False,
        }
        body = form(node.civil.assertion(gateway.clock.now, aud=told["token_endpoint"]))
        assert gateway.ask("POST", told["token_endpoint"].removeprefix(ADDRESS), body=body, kind=FORM).status == 200


def test_a_gateway_that_was_told_no_address_has_none(gateway: Standing):
    reply = gateway.ask("GET", PATH)
    assert (reply.status, reply.code) == (404, "unknown")
