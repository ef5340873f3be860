# SPDX-License-Identifier: Apache-2.0
"""Signatures of HTTP requests (RFC 9421) with the digest of their content (RFC 9530), read strictly.

Kept here: the one shape we take, of which a signature base has one meaning only: one signature, its components plain
names of fields or derived ones without parameters, none twice; `created`, `keyid` and `nonce` there, times as whole
seconds. What is outside of that shape is refused and never guessed at. No I/O, no keys, no clock.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datong.crypto.signing import Signer
from datong.kernel.errors import Malformed

LONGEST: Final = 2_048
DERIVED: Final = ("@method", "@authority", "@request-target", "@path", "@query")
DIGESTS: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_INPUT: Final = re.compile(
    r'([a-z][a-z0-9_-]{0,31})=(\(("@?[a-z0-9-]{1,60}"(?: "@?[a-z0-9-]{1,60}")*)\)'
    r'((?:;[a-z]{1,10}=(?:[0-9]{1,12}|"[A-Za-z0-9_.:+/=-]{1,200}"))*))'
)
_VALUE: Final = re.compile(r"([a-z][a-z0-9_-]{0,31})=:([A-Za-z0-9+/]{1,200}={0,2}):")
_DIGEST: Final = re.compile(r"([a-z0-9-]{1,20})=:([A-Za-z0-9+/]{1,120}={0,2}):")
NEEDED: Final = frozenset({"created", "keyid", "nonce"})
PARAMETERS: Final = NEEDED | {"expires", "alg", "tag"}


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request can be signed: method, authority, path and query as sent, and headers in lower case."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]

    def component(self, name: str) -> str:
        """The value of a component.

        Raises:
            Malformed: the request has none of that name.
        """
        target = f"{self.path}?{self.query}" if self.query else self.path
        derived = {
            "@method": self.method, "@authority": self.authority.lower(), "@path": self.path, "@query": f"?{self.query}",
            "@request-target": target,
        }  # fmt: skip
        found = derived.get(name) if name.startswith("@") else self.headers.get(name)
        if found is None:
            raise _unfit(f"{name} is signed and not there")
        return found.strip()


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as its two headers tell it: the components in order, their text with the parameters, these, and its bytes."""

    components: tuple[str, ...]
    text: str
    parameters: Mapping[str, str]
    proof: bytes

    @property
    def created(self) -> int:
        """When it was made, in seconds since 1970."""
        return int(self.parameters["created"])


def read(signature_input: str, signature: str) -> Signature:
    """Read the headers Signature-Input and Signature.

    Raises:
        Malformed: another shape than the one we take.
    """
    told = _INPUT.fullmatch(signature_input.strip()) if len(signature_input) <= LONGEST else None
    value = _VALUE.fullmatch(signature.strip()) if len(signature) <= LONGEST else None
    if told is None or value is None or told[1] != value[1]:
        raise _unfit('one signature: Signature-Input: sig=("@method" …);created=…;keyid="…";nonce="…", Signature: sig=:…:')
    components = tuple(name.strip('"') for name in told[3].split(" "))
    pairs = [part.partition("=")[::2] for part in told[4].split(";")[1:]]
    parameters = {name: value.strip('"') for name, value in pairs}
    strange = [name for name in components if name.startswith("@") and name not in DERIVED]
    if strange or len(set(components)) != len(components):
        raise _unfit(f"components are names of headers or {', '.join(DERIVED)}, each once")
    if len(parameters) != len(pairs) or not NEEDED <= parameters.keys() <= PARAMETERS:
        raise _unfit("created, keyid and nonce are needed; expires, alg and tag may be there, each once")
    if not all(value.isdigit() for name, value in pairs if name in {"created", "expires"}):
        raise _unfit("created and expires are whole seconds since 1970")
    return Signature(components, told[2], parameters, _decoded(value[2]))


def base(request: Request, components: Sequence[str], text: str) -> bytes:
    """The bytes that are signed (RFC 9421 section 2.5).

    Raises:
        Malformed: a component is not there.
    """
    lines = [f'"{name}": {request.component(name)}' for name in components]
    return "\n".join((*lines, f'"@signature-params": {text}')).encode()


def sign(request: Request, components: Sequence[str], signer: Signer, *, created: int, nonce: str) -> dict[str, str]:
    """The two headers of a signed request, as a client makes them."""
    names = " ".join(f'"{name}"' for name in components)
    text = f'({names});created={created};keyid="{signer.key_id}";nonce="{nonce}"'
    proof = base64.b64encode(signer.sign(base(request, components, text))).decode()
    return {"signature-input": f"sig={text}", "signature": f"sig=:{proof}:"}


def content_digest(body: bytes, algorithm: str = "sha-256") -> str:
    """The header Content-Digest of a body."""
    return f"{algorithm}=:{base64.b64encode(DIGESTS[algorithm](body).digest()).decode()}:"


def check_digest(header: str, body: bytes) -> None:
    """Check that a body is the one its Content-Digest tells: every digest of it that is known, and one at least.

    Raises:
        Malformed: it does not read, tells no digest we know, or another body.
    """
    parts = [_DIGEST.fullmatch(part.strip()) for part in header.split(",")] if len(header) <= LONGEST else [None]
    told = {part[1]: part[2] for part in parts if part is not None}
    known = DIGESTS.keys() & told.keys()
    if len(told) != len(parts) or not known:
        raise Malformed("Content-Digest does not read", fields={"content-digest": "sha-256=:…: or sha-512=:…:"})
    for name in known:
        if _decoded(told[name]) != DIGESTS[name](body).digest():
            raise Malformed("Content-Digest is of another body", fields={"content-digest": "of the body as it is sent"})


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _unfit("what stands between colons is base64") from None


def _unfit(why: str) -> Malformed:
    return Malformed("the signature of the request does not read", fields={"signature-input": why})
