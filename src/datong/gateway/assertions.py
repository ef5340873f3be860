# SPDX-License-Identifier: Apache-2.0
"""Client assertions (RFC 7523): a JWT that an application signs with its own key to get an access token.

Kept here: an assertion lives five minutes at most and is good once, at whichever gateway of the node; its algorithm is
that of the key in the policy and never what its header wishes. SM2 (GB/T 32918 with SM3) has no registered name in JOSE:
here it is `SM2`, and its signature the DER sequence of r and s, as everywhere in `datong.crypto`. No assertion is ever
logged. A refusal takes the same work whether the client is there or not, whichever kind of key it has and how many: time does
not tell what the words keep back.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any, ClassVar, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from jwt.algorithms import Algorithm

from datong.crypto.keys import load_verifier
from datong.crypto.signing import ED25519, SM2, BadSignature, Verifier
from datong.gateway.config import GatewayConfig
from datong.gateway.limits.spent import Spent
from datong.gateway.refusals import not_signed_in
from datong.gateway.snapshot import Key, Snapshot
from datong.kernel.errors import DatongError, Unauthenticated
from datong.wire.policy import Client

ASSERTION_LIFE: Final = 300
SKEW: Final = 30
NAMES: Final = {ED25519: "EdDSA", SM2: "SM2"}
"""Our name of an algorithm to its name in the header of an assertion."""
NO_PROOF: Final = (jwt.PyJWTError, UnsupportedAlgorithm, DatongError, ValueError, TypeError, AttributeError, RecursionError)
MOST_KEYS: Final = 2
"""Keys of a client at once: one, and the one that it replaces."""
STAND_INS: Final = {
    NAMES[ED25519]: (
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEA1tY+tYZoWHTr1FKy6t+ROhIJB5n91ujcWbbtnDWtSLs=\n"
        "-----END PUBLIC KEY-----\n"
    ),
    NAMES[SM2]: (
        "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEjXaDThNmUmxCdaO/dlrKb4cutnLx\n"
        "pfymr0XC0jEOXfN4yqUTt8JZuAB+sNNF8jG9oUQdoBTWdC1xlzk+2tdyMg==\n"
        "-----END PUBLIC KEY-----\n"
    ),
}
"""Keys nobody holds, tried in the place of those that are not there, for the time it takes; they open nothing."""
TIMES_BY_OURSELVES: Final[Any] = {
    "verify_signature": False,
    "verify_aud": True,
    "require": ["iss", "sub", "aud", "exp", "jti"],
}


class Signed(Algorithm):
    """What a signature under an assertion is checked by: a verifier of `datong.crypto`, for either algorithm."""

    _NONE: ClassVar[str] = "keys of applications are read from the policy alone"

    def prepare_key(self, key: Any) -> Any:
        """Take the verifier as it is."""
        return key

    def sign(self, msg: bytes, key: Any) -> bytes:
        """Sign with a signer of `datong.crypto`, as a client does."""
        return bytes(key.sign(msg))

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        """Tell whether the signature holds."""
        try:
            key.verify(sig, msg)
        except BadSignature:
            return False
        return True

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:  # noqa: ARG004, FBT001, FBT002 - as the library declares it
        """Refuse: nothing is written as JWK here."""
        raise jwt.InvalidKeyError(Signed._NONE)

    @staticmethod
    def from_jwk(jwk: Any) -> Any:  # noqa: ARG004 - as the library declares it
        """Refuse: nothing is read from a JWK here."""
        raise jwt.InvalidKeyError(Signed._NONE)


def signatures() -> jwt.PyJWS:
    """The two algorithms of applications, and no others."""
    made = jwt.PyJWS(algorithms=[])
    for name in NAMES.values():
        made.register_algorithm(name, Signed())
    return made


class Assertions:
    """Checks client assertions and refuses a second use, at whichever gateway of the node."""

    def __init__(self, config: GatewayConfig, spent: Spent) -> None:
        self._audience = [config.node_code, *config.token_endpoints]
        self._spent = spent
        self._signatures = signatures()

    def check(self, assertion: str, snapshot: Snapshot, now: float) -> tuple[Client, Key, str]:
        """Check an assertion against the client's keys in the policy.

        Args:
            assertion: a JWT with iss = sub = client id, exp, jti, and aud = the node's code or its token endpoint.
            snapshot: the policy of this call.
            now: seconds since 1970.

        Returns:
            The client, the key it signed with, and the hash its use is recorded under.

        Raises:
            Unauthenticated: anything amiss, in words that do not tell whether the client exists.
            Throttled: more assertions than can be remembered.
            Unavailable: its use cannot be remembered.
        """
        claims, key = self._claims(assertion, snapshot, now)
        client = snapshot.clients[claims["sub"]]
        mark = mark_of(client.client_id, claims["jti"])
        self._spent.spend(mark, now, now + ASSERTION_LIFE + 2 * SKEW, client.client_id)
        return client, key, mark

    def _claims(self, assertion: str, snapshot: Snapshot, now: float) -> tuple[dict[str, Any], Key]:
        try:
            said = jwt.decode(assertion, options={"verify_signature": False})
            client = snapshot.clients.get(said.get("sub", "")) if isinstance(said.get("sub", ""), str) else None
            fit = client is not None and client.active and said.get("iss") == client.client_id
            key = self._key(assertion, snapshot.keys_of(client.client_id, now) if client is not None and fit else [])
            claims: dict[str, Any] = jwt.decode(assertion, audience=self._audience, options=TIMES_BY_OURSELVES)
        except NO_PROOF as error:
            raise _unfit() from error
        _check_times(claims, now)
        return claims, key

    def _key(self, assertion: str, keys: list[Key]) -> Key:
        """The key of the client that signed it; where none did, as many were tried as a client may have."""
        name = jwt.get_unverified_header(assertion).get("alg")
        if name not in STAND_INS:
            raise _unfit()
        tried = 0
        for key in keys:
            verifier = _readable(key.pem)
            if verifier is not None and NAMES[verifier.algorithm] == name:
                tried += 1
                if self._holds(assertion, verifier, name):
                    return key
        for _ in range(tried, MOST_KEYS):
            self._holds(assertion, verifier_of(STAND_INS[name]), name)
        raise _unfit()

    def _holds(self, assertion: str, verifier: Any, name: str) -> bool:
        try:
            self._signatures.decode(assertion, verifier, algorithms=[name])
        except jwt.PyJWTError:
            return False
        return True


def _readable(pem: str) -> Verifier | None:
    try:
        return verifier_of(pem)
    except NO_PROOF:
        return None


@lru_cache(maxsize=1_024)
def verifier_of(pem: str) -> Verifier:
    """The verifier of a public key; remembered, for keys seldom change.

    Raises:
        Malformed: it is neither Ed25519 nor SM2.
    """
    return load_verifier(pem.encode())


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
