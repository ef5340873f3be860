# SPDX-License-Identifier: Apache-2.0
"""Signed calls (RFC 9421): for an application that wants it, a stolen token alone opens nothing.

Kept here: what a signature has to cover, how long it is good, and that it is good once at whichever gateway of the node.
It covers the method, the target as sent, the access token, every header of ours and X-Road's, and the digest of the body
where there may be one; so nothing that decides about the call can be changed on the way. Which header is signed is told
by the caller, what has to be is told here.
"""

from hashlib import sha256
from typing import Final

from datong.crypto import messages
from datong.crypto.signing import BadSignature
from datong.gateway import bodies
from datong.gateway.answers import Receive, Scope
from datong.gateway.asking import shown_path
from datong.gateway.assertions import SKEW, verifier_of
from datong.gateway.config import Limits
from datong.gateway.limits.spent import Spent
from datong.gateway.refusals import SignatureRefused
from datong.gateway.snapshot import Snapshot
from datong.kernel.errors import Malformed, Unauthenticated
from datong.wire.policy import Client

WINDOW: Final = 60
"""Seconds for which a signature is good."""
BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OURS: Final = ("datong-", "x-road-")
SHORTEST: Final = 8
REMEDY: Final = "sign each call by the application's key (RFC 9421), with a nonce and a created time of its own"


class Signatures:
    """Checks the signatures of requests."""

    def __init__(self, spent: Spent, limits: Limits) -> None:
        self._spent, self._limits = spent, limits

    def check(self, client: Client, scope: Scope, snapshot: Snapshot, now: float) -> str:
        """Check the signature of a request and use its nonce; its body is checked by `body`.

        Returns:
            The hash the use of the nonce is recorded under.

        Raises:
            SignatureRefused: there is none, or it does not hold, or it was used before.
            Throttled: more signatures than can be remembered.
            Unavailable: its use cannot be remembered.
        """
        request = seen(scope)
        try:
            signature = messages.read(request.headers.get("signature-input", ""), request.headers.get("signature", ""))
            _check_cover(signature, request)
            _check_times(signature, now)
            self._check_proof(signature, request, client, snapshot, now)
        except Malformed as error:
            raise _refused("; ".join((error.message, *error.fields.values()))) from error
        mark = sha256(f"signature\n{client.client_id}\n{signature.parameters['nonce']}".encode()).hexdigest()
        try:
            self._spent.spend(mark, now, signature.created + WINDOW + SKEW, client.client_id)
        except Unauthenticated as error:
            raise _refused("this signature was used before") from error
        return mark

    async def body(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body of a signed request and check its digest.

        Returns:
            What gives the body again.

        Raises:
            SignatureRefused: it is not the body that was signed.
            TooLarge, BodyTooSlow, BodyCut: it cannot be read.
        """
        if scope["method"] in BODILESS:
            return receive
        headers = seen(scope).headers
        limits = self._limits
        whole = await bodies.read(receive, headers.get("content-length", ""), limits, limits.max_batch_body)
        try:
            messages.check_digest(headers["content-digest"], whole)
        except Malformed as error:
            raise _refused(error.message) from error
        return bodies.again(whole)

    def _check_proof(
        self, signature: messages.Signature, request: messages.Request, client: Client, snapshot: Snapshot, now: float
    ) -> None:
        verifiers = [verifier_of(key.pem) for key in snapshot.keys_of(client.client_id, now)]
        named = next((one for one in verifiers if one.key_id == signature.parameters["keyid"]), None)
        if named is None:
            raise _refused("keyid names no key of this application")
        if signature.parameters.get("alg", named.algorithm) != named.algorithm:
            raise _refused("alg is not that of the key")
        try:
            named.verify(signature.proof, messages.base(request, signature.components, signature.text))
        except BadSignature as error:
            raise _refused("the signature is not of this key over this request") from error


def seen(scope: Scope) -> messages.Request:
    """A request as it was sent; headers that are there twice are joined as RFC 9421 section 2.1 says."""
    headers: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1").strip()
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return messages.Request(
        method=scope["method"], authority=headers.get("host", ""), path=shown_path(scope).decode("latin-1"),
        query=scope["query_string"].decode("latin-1"), headers=headers,
    )  # fmt: skip


def _check_cover(signature: messages.Signature, request: messages.Request) -> None:
    """Check that everything that decides about the call is signed."""
    needed = {"@method", "authorization", *(name for name in request.headers if name.startswith(OURS))}
    if request.method not in BODILESS or "content-digest" in request.headers:
        needed.add("content-digest")
    if "@request-target" not in signature.components:
        needed |= {"@path", "@query"} if request.query else {"@path"}
    missing = sorted(needed.difference(signature.components))
    if missing:
        raise _refused(f"the signature leaves out {', '.join(missing)[:300]}")


def _check_times(signature: messages.Signature, now: float) -> None:
    if not now - WINDOW <= signature.created <= now + SKEW:
        raise _refused(f"the signature is older than {WINDOW} seconds, or of the future")
    if now >= int(signature.parameters.get("expires", signature.created + WINDOW + 1)):
        raise _refused("the signature has expired")
    if len(signature.parameters["nonce"]) < SHORTEST:
        raise _refused(f"the nonce needs {SHORTEST} characters")


def _refused(why: str) -> SignatureRefused:
    return SignatureRefused(f"this application signs each call: {why}", remedy=REMEDY)
