# SPDX-License-Identifier: Apache-2.0
"""Time stamps of RFC 3161: the question to an authority, its answer, and the check of a stamp against roots one trusts.

Kept here: a stamp is over the SHA-256 of bytes; it counts when the imprint is theirs, the signature is of the one certificate
that the stamp itself names (RFC 5035) and that certificate is for time stamps alone and leads to a root, all of it valid at
the instant stamped. Whether a certificate was revoked since is not asked: that needs the network.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from datong.crypto import der
from datong.crypto.der import Value
from datong.kernel.errors import DatongError, Malformed

GRANTED: Final = (0, 1)
STATUSES: Final = range(6)
SHA256: Final = bytes.fromhex("608648016503040201")
DIGESTS: Final[dict[bytes, hashes.HashAlgorithm]] = {
    SHA256: hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
STAMP_FACTS: Final = bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
CERTIFICATE: Final = bytes.fromhex("2a864886f70d010910020c")
CERTIFICATE_V2: Final = bytes.fromhex("2a864886f70d010910022f")
PSS: Final = bytes.fromhex("2a864886f70d01010a")
UNDERSTOOD: Final = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.CertificatePolicies)
UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
DEEPEST: Final = 6
MOST_CERTIFICATES: Final = 16
"""In one stamp: authorities send two or three, and each may lead to each."""


class BadStamp(DatongError):
    """A time stamp does not prove what it is shown for, or an authority gave none."""

    code, status, title = "bad_stamp", 422, "Bad time stamp"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says; nothing of it is checked yet.

    Attributes:
        at: The instant stamped.
        imprint: Hash of the bytes it is over.
        digest: Object identifier of that hash, as DER content.
        nonce: Number of the question, None where it names none.
        serial: Number of the stamp at its authority.
    """

    at: datetime
    imprint: bytes
    digest: bytes
    nonce: int | None
    serial: int


def question(data: bytes, nonce: int) -> bytes:
    """Give the question to an authority: a stamp over bytes, with its certificates."""
    algorithm = der.write(der.SEQUENCE, der.write(der.OID, SHA256), der.write(der.NULL))
    imprint = der.write(der.SEQUENCE, algorithm, der.write(der.OCTETS, hashlib.sha256(data).digest()))
    return der.write(der.SEQUENCE, der.number(1), imprint, der.number(nonce), der.write(der.BOOLEAN, b"\xff"))


def token_of(answer: bytes) -> bytes:
    """Take the stamp out of an authority's answer.

    Raises:
        BadStamp: It gave none, or its answer cannot be read.
    """
    try:
        status, *token = der.read(answer).want(der.SEQUENCE).parts()
        number = status.want(der.SEQUENCE).parts()[0].integer()
    except (Malformed, ValueError, IndexError):
        raise BadStamp("时间戳服务的应答无法读取 (the answer of the authority cannot be read)") from None
    if number not in GRANTED or len(token) != 1:
        said = number if number in STATUSES else "?"
        raise BadStamp(f"时间戳服务没有盖章，状态 {said} (the authority gave no stamp, status {said})")
    return token[0].whole


def read(token: bytes) -> Stamp:
    """Read what a stamp says.

    Raises:
        BadStamp: It is none.
    """
    return _Token(token).stamp


def roots_of(pem: bytes) -> list[x509.Certificate]:
    """Read the certificates one trusts.

    Raises:
        Malformed: There is none.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise Malformed("the roots of the time-stamping authority cannot be read", remedy="certificates in PEM") from None
    return found


def check(token: bytes, data: bytes, roots: Sequence[x509.Certificate]) -> tuple[Stamp, str]:
    """Check a stamp over bytes.

    Args:
        token: The stamp (TimeStampToken, DER).
        data: What it is to be over.
        roots: Certificates one trusts.

    Returns:
        What it says, and the name in the certificate that signed it.

    Raises:
        BadStamp: It does not prove that these bytes were there at that instant.
    """
    read = _Token(token)
    check_imprint(read.stamp, data)
    signer = read.check_signed()
    _check_for_stamps(signer)
    if not _leads(signer, read.certificates, roots, read.stamp.at):
        raise BadStamp("the certificate of the time stamp leads to none of the roots given, or was not valid then")
    return read.stamp, signer.subject.rfc4514_string()


def check_imprint(stamp: Stamp, data: bytes) -> None:
    """Return when a stamp is over the SHA-256 of bytes.

    Raises:
        BadStamp: It is over something else.
    """
    if (stamp.digest, stamp.imprint) != (SHA256, hashlib.sha256(data).digest()):
        raise BadStamp("the time stamp is over something else")


class _Token:
    """A stamp taken apart (RFC 5652 section 5, RFC 3161 section 2.4.2)."""

    def __init__(self, token: bytes) -> None:
        try:
            self._take(token)
        except (Malformed, ValueError, IndexError):
            raise BadStamp("the time stamp cannot be read") from None

    def _take(self, token: bytes) -> None:
        kind, inner = der.read(token).want(der.SEQUENCE).parts()
        _, _, wrapped, *more = inner.want(der.CONTEXT).parts()[0].want(der.SEQUENCE).parts()
        named, content = wrapped.want(der.SEQUENCE).parts()
        if (kind.want(der.OID).content, named.want(der.OID).content) != (SIGNED_DATA, STAMP_FACTS):
            raise Malformed("no time stamp")
        self._content = content.want(der.CONTEXT).parts()[0].want(der.OCTETS).content
        self.stamp = _facts(self._content)
        self.certificates = list(_certificates([value for part in more if part.tag == der.CONTEXT for value in part.parts()]))
        (self._signer,) = more[-1].want(der.SET).parts()

    def check_signed(self) -> x509.Certificate:
        """Give the certificate whose key signed it."""
        try:
            _, _, digest, attributes, algorithm, signature, *_ = self._signer.want(der.SEQUENCE).parts()
            hashed = DIGESTS[digest.parts()[0].content]
            facts = {name: values.want(der.SET).parts()[0] for name, values in _attributes(attributes)}
            signer = self._certificate(facts)
            told = facts[CONTENT_TYPE].want(der.OID).content, facts[MESSAGE_DIGEST].want(der.OCTETS).content
            if told != (STAMP_FACTS, _digest(hashed, self._content)):
                raise BadStamp("the signature of the time stamp is over something else")
            signed = bytes((der.SET,)) + attributes.whole[1:]
            _check_signature(signer, algorithm.parts()[0].content, signature.want(der.OCTETS).content, signed, hashed)
        except (Malformed, ValueError, IndexError, KeyError, UnsupportedAlgorithm):
            raise BadStamp("the time stamp is signed in a way unknown here") from None
        except InvalidSignature:
            raise BadStamp("the time stamp was changed: its signature does not hold") from None
        return signer

    def _certificate(self, facts: dict[bytes, Value]) -> x509.Certificate:
        """Find the certificate that the stamp names by its hash."""
        value = facts.get(CERTIFICATE_V2) or facts[CERTIFICATE]
        first = value.want(der.SEQUENCE).parts()[0].want(der.SEQUENCE).parts()[0].want(der.SEQUENCE).parts()
        hashed: hashes.HashAlgorithm = hashes.SHA256() if CERTIFICATE_V2 in facts else hashes.SHA1()  # noqa: S303  names, signs nothing
        if first[0].tag == der.SEQUENCE:
            hashed = DIGESTS[first.pop(0).parts()[0].content]
        wanted = first[0].want(der.OCTETS).content
        for one in self.certificates:
            if one.fingerprint(hashed) == wanted:
                return one
        raise BadStamp("the certificate that the time stamp names is not in it")


def _facts(content: bytes) -> Stamp:
    _, _, imprint, serial, at, *more = der.read(content).want(der.SEQUENCE).parts()
    algorithm, hashed = imprint.want(der.SEQUENCE).parts()
    nonce = next((part.integer() for part in more if part.tag == der.INTEGER), None)
    digest = algorithm.want(der.SEQUENCE).parts()[0].want(der.OID).content
    return Stamp(at.instant(), hashed.want(der.OCTETS).content, digest, nonce, serial.integer())


def _certificates(values: Sequence[Value]) -> Iterator[x509.Certificate]:
    if len(values) > MOST_CERTIFICATES:
        raise Malformed("too many certificates")
    for value in values:
        try:
            one = x509.load_der_x509_certificate(value.whole)
            _ = one.subject, one.issuer, one.extensions, one.not_valid_before_utc, one.not_valid_after_utc
        except UNREADABLE:
            continue  # it can vouch for nothing
        yield one


def _attributes(value: Value) -> Iterator[tuple[bytes, Value]]:
    for attribute in value.want(der.CONTEXT).parts():
        name, values = attribute.want(der.SEQUENCE).parts()
        yield name.want(der.OID).content, values


def _digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    running = hashes.Hash(algorithm)
    running.update(data)
    return running.finalize()


def _check_signature(
    signer: x509.Certificate, algorithm: bytes, signature: bytes, signed: bytes, hashed: hashes.HashAlgorithm
) -> None:
    key = signer.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        pss = padding.PSS(padding.MGF1(hashed), padding.PSS.AUTO)
        key.verify(signature, signed, pss if algorithm == PSS else padding.PKCS1v15(), hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(hashed))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, signed)
    else:
        raise Malformed("a kind of key unknown here")


def _check_for_stamps(certificate: x509.Certificate) -> None:
    """RFC 3161 section 2.3: for time stamps alone, and said as critical."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        raise BadStamp("the certificate of the time stamp is not for time stamps") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise BadStamp("the certificate of the time stamp is not for time stamps alone")


def _leads(
    one: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime
) -> bool:  # fmt: skip
    """Whether a certificate leads to a root, every one on the way valid at an instant.

    All that vouch at a step are looked at together, each once: ways that cross again and again cost no more than one.
    """
    reached = {one} if _holds(one, at) else set()
    for below in range(DEEPEST + 1):
        if any(each in roots for each in reached):
            return True
        above = {by for each in reached for by in (*roots, *others) if by.subject == each.issuer and _issued(each, by, below)}
        reached = {by for by in above if _holds(by, at)}
    return False


def _holds(one: x509.Certificate, at: datetime) -> bool:
    """Whether it was valid then, and asks for nothing that is not looked at here."""
    return one.not_valid_before_utc <= at <= one.not_valid_after_utc and _understood(one)


def _understood(one: x509.Certificate) -> bool:
    try:
        return all(isinstance(part.value, UNDERSTOOD) for part in one.extensions if part.critical)
    except ValueError:
        return False


def _issued(one: x509.Certificate, by: x509.Certificate, below: int) -> bool:
    """Whether a certificate was signed by another that may sign so many below it."""
    try:
        limits = by.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = [part.value for part in by.extensions if isinstance(part.value, x509.KeyUsage)]
        if not limits.ca or (limits.path_length is not None and limits.path_length < below):
            return False
        one.verify_directly_issued_by(by)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return all(said.key_cert_sign for said in usage)
