# SPDX-License-Identifier: Apache-2.0
"""Check of a time stamp (RFC 3161) over some bytes, by the roots of authorities one trusts, at the instant it names.

Not asked: whether a certificate was revoked. What cannot be checked here, `openssl ts -verify` can.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from datong_verify.der import GROUP, OCTETS, ROW, Der
from datong_verify.verdicts import Unreadable, Unsupported, Wrong

SIGNED, STAMP = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
KIND, DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
NAMES_CERTIFICATE = {"1.2.840.113549.1.9.16.2.47": "sha256", "1.2.840.113549.1.9.16.2.12": "sha1"}
"""Attributes that name the certificate by its hash, and the hash when it is not said."""
HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
PADDED = "1.2.840.113549.1.1.10"
FOR_STAMPS = "1.3.6.1.5.5.7.3.8"
LONGEST_WAY = 7
MOST_CERTIFICATES = 16
"""In one stamp: authorities send two or three, and each may lead to each."""
FIRST = 0xA0
"""Tag [0]."""
OTHERWISE = "openssl ts -verify -data checkpoint -in stamp.tst -token_in -CAfile roots.pem"
"""How to check a stamp without this program; README.md says how to get the two files out of its line."""


@dataclass
class Token:
    """A stamp taken apart.

    Attributes:
        at: The instant it names.
        imprint: Name and value of the hash it is over.
        content: What its signature is over, by way of the attributes.
        certificates: That came with it.
        signer: The part that says who signed and how.
    """

    at: datetime
    imprint: tuple[str, bytes]
    content: bytes
    certificates: list[x509.Certificate]
    signer: bytes


def token(data: bytes) -> Token:
    """Take a stamp apart.

    Raises:
        Unreadable: It is none.
    """
    outer = Der(data)
    row = outer.into(ROW)
    outer.end()
    if row.name() != SIGNED:
        raise Unreadable("this is no time stamp")
    signed = row.into(FIRST).into(ROW)
    signed.number()
    signed.take(GROUP)
    inner = signed.into(ROW)
    if inner.name() != STAMP:
        raise Unreadable("this is no time stamp")
    content = inner.into(FIRST).take(OCTETS)
    certificates = list(_certificates(signed.into(FIRST))) if signed.ahead() == FIRST else []
    if signed.ahead() == FIRST + 1:
        signed.whole()
    signers = signed.into(GROUP)
    signer = signers.take(ROW)
    signers.end()
    at, imprint = _facts(Der(content).into(ROW))
    return Token(at, imprint, content, certificates, signer)


def check_over(found: Token, data: bytes) -> None:
    """Return when a stamp is over bytes.

    Raises:
        Wrong: It is over others.
    """
    if found.imprint != ("sha256", hashlib.sha256(data).digest()):
        raise Wrong("the time stamp is over something else")


def check_vouched(found: Token, roots: list[x509.Certificate]) -> str:
    """Give who stamped, when one of the roots vouches for it.

    Raises:
        Wrong: None does, or the stamp was changed.
        Unsupported: It is signed by means that are not here.
    """
    try:
        certificate = _signer(found)
        _check_meant(certificate)
        leads = _leads(certificate, found, roots)
    except (Unreadable, UnsupportedAlgorithm, ValueError) as error:
        raise Unsupported(f"the time stamp cannot be checked here ({error}): use {OTHERWISE}") from None
    if not leads:
        raise Wrong("the certificate of the time stamp leads to none of the roots given, or was not valid then")
    return certificate.subject.rfc4514_string()


def _facts(row: Der) -> tuple[datetime, tuple[str, bytes]]:
    row.number()
    row.name()
    imprint = row.into(ROW)
    hashed = imprint.into(ROW).name()
    value = imprint.take(OCTETS)
    row.number()
    return row.when(), (HASHES.get(hashed, hashed), value)


def _certificates(cursor: Der) -> Iterator[x509.Certificate]:
    found = 0
    while cursor.ahead() is not None:
        found += 1
        if found > MOST_CERTIFICATES:
            raise Unreadable("the time stamp brings too many certificates")
        try:
            one = x509.load_der_x509_certificate(cursor.whole())
            _ = one.subject, one.issuer, one.extensions, one.not_valid_before_utc, one.not_valid_after_utc
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension):
            continue
        yield one


def _signer(found: Token) -> x509.Certificate:
    """Check the signature, and give the certificate that it names and is made by."""
    row = Der(found.signer)
    row.number()
    row.whole()
    hashed = HASHES.get(row.into(ROW).name())
    if hashed is None or row.ahead() != FIRST:
        raise Unreadable("its digest is unknown")
    attributes = bytes([GROUP]) + row.whole()[1:]
    algorithm, signature = row.into(ROW).name(), row.take(OCTETS)
    said = dict(_said(Der(attributes).into(GROUP)))
    if KIND not in said or DIGEST not in said or said[KIND].name() != STAMP:
        raise Wrong("the signature of the time stamp is not over a time stamp")
    if said[DIGEST].take(OCTETS) != hashlib.new(hashed, found.content).digest():
        raise Wrong("the time stamp was changed")
    certificate = _named(found, said)
    try:
        _check_signature(certificate, algorithm, signature, attributes, hashed)
    except InvalidSignature:
        raise Wrong("the time stamp is not signed by the certificate it names") from None
    return certificate


def _said(attributes: Der) -> Iterator[tuple[str, Der]]:
    while attributes.ahead() is not None:
        row = attributes.into(ROW)
        yield row.name(), row.into(GROUP)


def _named(found: Token, said: dict[str, Der]) -> x509.Certificate:
    for attribute, hashed in NAMES_CERTIFICATE.items():
        if attribute in said:
            first = said[attribute].into(ROW).into(ROW).into(ROW)
            named = HASHES.get(first.into(ROW).name(), "") if first.ahead() == ROW else hashed
            wanted = first.take(OCTETS)
            for one in found.certificates:
                if named and hashlib.new(named, one.public_bytes(Encoding.DER)).digest() == wanted:
                    return one
            raise Wrong("the certificate that the time stamp names did not come with it")
    raise Wrong("the time stamp does not name its certificate")


def _check_signature(one: x509.Certificate, algorithm: str, signature: bytes, signed: bytes, hashed: str) -> None:
    key = one.public_key()
    digest: hashes.HashAlgorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[hashed]
    if isinstance(key, rsa.RSAPublicKey):
        padded = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO) if algorithm == PADDED else padding.PKCS1v15()
        key.verify(signature, signed, padded, digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(digest))
    elif isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, signed)
    else:
        raise Unreadable("its kind of key is unknown")


def _check_meant(one: x509.Certificate) -> None:
    usage = [part for part in one.extensions if isinstance(part.value, x509.ExtendedKeyUsage)]
    if not usage or not usage[0].critical or [use.dotted_string for use in usage[0].value] != [FOR_STAMPS]:
        raise Wrong("the certificate of the time stamp is not for time stamps alone")


def _leads(start: x509.Certificate, found: Token, roots: list[x509.Certificate]) -> bool:
    """Walk up from a certificate, all that vouch at a step together and each once, until a root is met."""
    reached = {start} if _holds(start, found.at) else set()
    for below in range(LONGEST_WAY):
        if any(one in roots for one in reached):
            return True
        above = {by for one in reached for by in (*roots, *found.certificates) if _signs(by, one, below)}
        reached = {by for by in above if _holds(by, found.at)}
    return False


def _holds(one: x509.Certificate, at: datetime) -> bool:
    """Whether it was valid then, and asks for nothing that is not looked at here."""
    known = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.CertificatePolicies)
    understood = all(isinstance(part.value, known) for part in one.extensions if part.critical)
    return understood and one.not_valid_before_utc <= at <= one.not_valid_after_utc


def _signs(by: x509.Certificate, one: x509.Certificate, below: int) -> bool:
    """Whether a certificate was signed by another that may sign so many below it."""
    values = [part.value for part in by.extensions]
    limits = [value for value in values if isinstance(value, x509.BasicConstraints)]
    if not limits or not limits[0].ca or (limits[0].path_length is not None and limits[0].path_length < below):
        return False
    if any(isinstance(value, x509.KeyUsage) and not value.key_cert_sign for value in values):
        return False
    try:
        one.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
