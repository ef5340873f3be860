# SPDX-License-Identifier: Apache-2.0
"""Who is calling: short access tokens (RFC 9068 in spirit), given for a client assertion (`gateway.assertions`).

Kept here: a token is bound to the key of the client that it was asked with, so that a client put out of use, or a key
that ended, is out at its next call, and none outlives its time because a clock was set back; while two keys of a client
overlap, each token lives with its own. It is bound to the certificate of the connection as well, where the client has
certificates (RFC 8705), and ends with that. Tokens are checked once and remembered until they expire. No token is ever logged.
"""

from dataclasses import dataclass
from typing import Any, Final

import jwt

from datong.gateway.assertions import SKEW
from datong.gateway.config import GatewayConfig
from datong.gateway.refusals import not_signed_in
from datong.gateway.snapshot import Snapshot
from datong.wire.policy import Client

THUMBPRINT: Final = "x5t#S256"


@dataclass(frozen=True, slots=True)
class Session:
    """What a checked token says."""

    client_id: str
    key_print: str
    expires: float
    certificate: str = ""


class Tokens:
    """Mints and checks access tokens of one gateway key."""

    def __init__(self, secret: bytes, config: GatewayConfig) -> None:
        self._secret = secret
        self._audience = config.node_code
        self._ttl = config.token_ttl
        self._longest = config.token_ttl + SKEW
        self._most = config.limits.tokens
        self._seen: dict[str, Session] = {}

    def mint(self, client_id: str, key_print: str, now: float, certificate: str = "") -> str:
        """Mint a token for a client whose assertion was checked, and the certificate it presented where it has some."""
        claims: dict[str, Any] = {
            "sub": client_id,
            "key": key_print,
            "aud": self._audience,
            "iat": int(now),
            "exp": int(now) + self._ttl,
        }
        if certificate:
            claims["cnf"] = {THUMBPRINT: certificate}
        return jwt.encode(claims, self._secret, algorithm="HS256", headers={"typ": "at+jwt"})

    def client(self, authorization: str, snapshot: Snapshot, now: float) -> Client:
        """Give the active client of a bearer token.

        Raises:
            Unauthenticated: saying why, without quoting the token.
        """
        session = self._seen.get(authorization) or self._checked(authorization)
        if now >= session.expires:
            self._seen.pop(authorization, None)
            raise not_signed_in("the access token has expired")
        if session.expires > now + self._longest:
            raise not_signed_in("the access token is of a time to come: the clock here was set back since it was given")
        client = snapshot.clients.get(session.client_id)
        if client is None or not client.active or now >= snapshot.key_ends(client.client_id, session.key_print):
            raise not_signed_in("the client is no longer in use, or its key changed")
        if session.certificate not in client.certificates and (session.certificate or client.certificates):
            raise not_signed_in("the access token is of another client certificate than those of the application")
        return client

    def certificate(self, authorization: str) -> str:
        """The thumbprint of the certificate that a token is bound to; empty for none.

        Raises:
            Unauthenticated: no token of ours.
        """
        return (self._seen.get(authorization) or self._checked(authorization)).certificate

    def _checked(self, authorization: str) -> Session:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise not_signed_in("no access token: header Authorization: Bearer …")
        options: Any = {"require": ["sub", "exp", "key"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], audience=self._audience, options=options)
            bound = str(claims.get("cnf", {}).get(THUMBPRINT, ""))
            session = Session(str(claims["sub"]), str(claims["key"]), float(claims["exp"]), bound)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise not_signed_in("the access token is not one of ours") from error
        if len(self._seen) >= self._most:
            self._seen.clear()
        self._seen[authorization] = session
        return session
