# SPDX-License-Identifier: Apache-2.0
"""Who is calling: client assertions (RFC 7523) in, short access tokens (RFC 9068 in spirit) out.

Kept here: an assertion is signed by the client's own key, lives five minutes at most and is good once; a token is bound
to the client's key as the policy has it, so that a client put out of use or re-keyed is out at its next call. Tokens
are checked once and remembered until they expire. No token and no assertion is ever logged.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm

from datong.gateway.config import GatewayConfig
from datong.gateway.limits.spent import Spent
from datong.gateway.refusals import not_signed_in
from datong.gateway.snapshot import Snapshot
from datong.kernel.errors import Unauthenticated
from datong.wire.policy import Client

ASSERTION_LIFE: Final = 300
SKEW: Final = 30
ALGORITHMS: Final = ["EdDSA"]
NO_PROOF: Final = (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, AttributeError, RecursionError)
TIMES_BY_OURSELVES: Final[Any] = {
    "require": ["iss", "sub", "aud", "exp", "jti"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class Session:
    """What a checked token says."""

    client_id: str
    key_print: str
    expires: float


class Tokens:
    """Mints and checks access tokens of one gateway key."""

    def __init__(self, secret: bytes, config: GatewayConfig) -> None:
        self._secret = secret
        self._audience = config.node_code
        self._ttl = config.token_ttl
        self._most = config.limits.tokens
        self._seen: dict[str, Session] = {}

    def mint(self, client_id: str, key_print: str, now: float) -> str:
        """Mint a token for a client whose assertion was checked."""
        claims = {
            "sub": client_id,
            "key": key_print,
            "aud": self._audience,
            "iat": int(now),
            "exp": int(now) + self._ttl,
        }
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
        client = snapshot.clients.get(session.client_id)
        if client is None or not client.active or snapshot.key_prints[client.client_id] != session.key_print:
            raise not_signed_in("the client is no longer in use, or its key changed")
        return client

    def _checked(self, authorization: str) -> Session:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise not_signed_in("no access token: header Authorization: Bearer …")
        options: Any = {"require": ["sub", "exp", "key"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], audience=self._audience, options=options)
            session = Session(str(claims["sub"]), str(claims["key"]), float(claims["exp"]))
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise not_signed_in("the access token is not one of ours") from error
        if len(self._seen) >= self._most:
            self._seen.clear()
        self._seen[authorization] = session
        return session


class Assertions:
    """Checks client assertions and refuses a second use, at whichever gateway of the node."""

    def __init__(self, config: GatewayConfig, spent: Spent) -> None:
        self._audience = [config.node_code, *config.token_endpoints]
        self._spent = spent

    def check(self, assertion: str, snapshot: Snapshot, now: float) -> tuple[Client, str]:
        """Check an assertion against the client's key in the policy.

        Args:
            assertion: a JWT with iss = sub = client id, exp, jti, and aud = the node's code or its token endpoint.
            snapshot: the policy of this call.
            now: seconds since 1970.

        Returns:
            The client, and the hash its use is recorded under.

        Raises:
            Unauthenticated: anything amiss, in words that do not tell whether the client exists.
            Throttled: more assertions than can be remembered.
            Unavailable: its use cannot be remembered.
        """
        claims = self._claims(assertion, snapshot, now)
        client = snapshot.clients[claims["sub"]]
        mark = mark_of(client.client_id, claims["jti"])
        self._spent.spend(mark, now, now + ASSERTION_LIFE + 2 * SKEW)
        return client, mark

    def _claims(self, assertion: str, snapshot: Snapshot, now: float) -> dict[str, Any]:
        try:
            said = jwt.decode(assertion, options={"verify_signature": False})
            client = snapshot.clients.get(said.get("sub", "")) if isinstance(said.get("sub", ""), str) else None
            if client is None or not client.active or said.get("iss") != client.client_id:
                raise _unfit()
            claims: dict[str, Any] = jwt.decode(
                assertion,
                client.public_key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                options=TIMES_BY_OURSELVES,
            )
        except NO_PROOF as error:
            raise _unfit() from error
        _check_times(claims, now)
        return claims


def mark_of(client_id: str, jti: str) -> str:
    """Hash under which the use of an assertion is recorded."""
    return sha256(f"{client_id}\n{jti}".encode("utf-8", "surrogatepass")).hexdigest()


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, jti = claims["exp"], claims["jti"]
    if not (isinstance(jti, str) and 8 <= len(jti) <= 256 and isinstance(expires, int | float)):
        raise not_signed_in("the client assertion needs a jti of 8 to 256 characters and a numeric exp")
    if not now - SKEW < expires <= now + ASSERTION_LIFE + SKEW:
        raise not_signed_in("the client assertion has expired, or lives longer than five minutes")
    starts = claims.get("nbf", now)
    if not isinstance(starts, int | float) or starts > now + SKEW:
        raise not_signed_in("the client assertion is not valid yet")


def _unfit() -> Unauthenticated:
    return not_signed_in("the client assertion does not hold")
