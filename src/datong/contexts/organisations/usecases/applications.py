# SPDX-License-Identifier: Apache-2.0
"""Application systems (应用系统): registered by their department with a public key; a private key is shown once or never."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import queries
from datong.contexts.organisations.domain import ApplicationView
from datong.contexts.organisations.models import Application
from datong.contexts.organisations.permissions import (
    check_keeps_applications,
    check_restores_application,
    check_suspends_application,
)
from datong.crypto import certificates as certificates_of
from datong.crypto.keys import load_verifier
from datong.kernel import addresses, texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Malformed, Unknown

LONGEST_KEY = 4096
MOST_CERTIFICATES = 2
LONGEST_OVERLAP = 168
"""Hours, a week: what takes longer is no rotation."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An application, and its private key (PEM) where a pair was made here; "" where a public key was given."""

    application: ApplicationView
    private_key: str


@transaction.atomic
def register_application(name: str, *, by: Officer, responsible: str, address: str = "", public_key: str = "") -> Registered:
    """Register an application of the own department.

    Args:
        name: Name, unique in the department.
        by: Applicant or head of the department.
        responsible: Person responsible for it.
        address: Where it runs, "" when not told.
        public_key: Ed25519 or SM2 public key in PEM; a fresh pair (Ed25519) is made when empty.

    Raises:
        Malformed: A field out of shape, or neither an Ed25519 nor an SM2 public key.
        Conflict: The department has an application of that name, or another one has that key.
        Refused: Neither applicant nor head of a department.
    """
    check_keeps_applications(by, by.department)
    private, public, key_id = _key(public_key)
    row = Application(
        client_id=f"app-{secrets.token_hex(8)}",
        name=texts.line("name", name, longest=100, least=2),
        address=texts.line("address", address, longest=200, least=0),
        responsible=texts.line("responsible", responsible, longest=100),
        department_id=by.department,
        public_key=public,
        key_id=key_id,
    )
    if Application.objects.filter(department_id=by.department, name=row.name).exists():
        raise Conflict("the department has an application of that name", fields={"name": "taken"})
    _save(row, force_insert=True)
    facts = {"name": row.name, "department": row.department_id, "key_id": key_id}
    audit.record("organisations.application.registered", by=by, subject=row.client_id, facts=facts)
    return Registered(queries.application(row.client_id), private)


@transaction.atomic
def rotate_application_key(client_id: str, *, by: Officer, public_key: str = "", overlap: int = 0) -> Registered:
    """Replace the key of an application; the old one ends at once, or once the overlap is over.

    A key that was ending already ends with this. Two keys are good at once, never three.

    Args:
        client_id: Of the application.
        by: Applicant or head of its department.
        public_key: Ed25519 or SM2 public key in PEM; a fresh pair (Ed25519) is made when empty.
        overlap: Hours for which the old key stays good beside the new one.

    Raises:
        Unknown: There is no such application, or it is another department's.
        Malformed: Neither an Ed25519 nor an SM2 public key.
        Conflict: Another application has that key.
        Refused: Neither applicant nor head of the department.
    """
    row = _own(client_id, by)
    check_keeps_applications(by, row.department_id)
    if not 0 <= overlap <= LONGEST_OVERLAP:
        why = f"0 to {LONGEST_OVERLAP} hours"
        raise Malformed("the old key cannot stay for so long", fields={"overlap": why})
    before, old = row.key_id, row.public_key
    private, row.public_key, row.key_id = _key(public_key)
    if row.key_id == before:
        raise Conflict("the application has this key already", fields={"public_key": "the key in use"})
    ends = datetime.now(UTC) + timedelta(hours=overlap) if overlap else None
    row.former_key, row.former_key_id, row.former_ends = (old, before, ends) if ends else ("", "", None)
    _save(row, update_fields=["public_key", "key_id", "former_key", "former_key_id", "former_ends"])
    facts = {"key_id": row.key_id, "before": before, "overlap_hours": str(overlap)}
    audit.record("organisations.application.key_rotated", by=by, subject=row.client_id, facts=facts)
    return Registered(queries.application(row.client_id), private)


@transaction.atomic
def end_former_key(client_id: str, *, by: Officer) -> ApplicationView:
    """End the overlap by hand: the key before is refused from the next policy on, and every token asked with it.

    Raises:
        Unknown: There is no such application, or it is another department's.
        Conflict: It has one key only.
        Refused: Neither applicant nor head of the department, nor the security officer.
    """
    row = _own(client_id, by)
    check_suspends_application(by, row.department_id)
    if not row.former_key:
        raise Conflict("the application has one key only")
    ended, row.former_key, row.former_key_id, row.former_ends = row.former_key_id, "", "", None
    row.save(update_fields=["former_key", "former_key_id", "former_ends"])
    audit.record("organisations.application.former_key_ended", by=by, subject=row.client_id, facts={"key_id": ended})
    return queries.application(row.client_id)


@transaction.atomic
def guard_application(
    client_id: str, *, by: Officer, networks: Sequence[str], signed: bool, certificates: Sequence[str] | None = None
) -> ApplicationView:  # fmt: skip
    """Say from where an application calls, whether each call of it has to be signed, and with which certificates it connects.

    Args:
        client_id: Of the application.
        by: Applicant or head of its department.
        networks: In CIDR notation; empty for anywhere.
        signed: Whether the gateway refuses calls without a signature (RFC 9421) by the application's key.
        certificates: Two at most, in PEM or by their SHA-256; empty for any connection, None for those that are there.

    Raises:
        Unknown: There is no such application, or it is another department's.
        Malformed: A network or a certificate does not read, or there are too many.
        Conflict: No proxy of this node could tell a certificate.
        Refused: Neither applicant nor head of the department.
    """
    row = _own(client_id, by)
    check_keeps_applications(by, row.department_id)
    wanted = [str(one) for one in addresses.networks(networks)]
    bound = row.certificates if certificates is None else _thumbprints(certificates)
    if bound and bound != row.certificates:
        _check_told()
    if (wanted, signed, bound) != (row.networks, row.signed, row.certificates):
        row.networks, row.signed, row.certificates = wanted, signed, bound
        row.save(update_fields=["networks", "signed", "certificates"])
        facts = {"networks": "、".join(wanted), "signed": "yes" if signed else "no", "certificates": "、".join(bound)}
        audit.record("organisations.application.guarded", by=by, subject=row.client_id, facts=facts)
    return queries.application(row.client_id)


@transaction.atomic
def suspend_application(client_id: str, *, by: Officer, reason: str) -> ApplicationView:
    """Stop an application: the gateway refuses it from the next policy on.

    Raises:
        Unknown: There is no such application, or none the officer may see.
        Malformed: No reason.
        Refused: Neither of its department nor the security officer.
    """
    row = _own(client_id, by)
    check_suspends_application(by, row.department_id)
    why = texts.lines("reason", reason, longest=500, least=2)
    return _switch(row, by, "suspended", why, active=False)


@transaction.atomic
def restore_application(client_id: str, *, by: Officer, reason: str) -> ApplicationView:
    """Let a suspended application work again.

    Raises:
        Unknown: There is no such application, or none the officer may see.
        Malformed: No reason.
        Refused: Not the security officer.
    """
    row = _own(client_id, by)
    check_restores_application(by)
    why = texts.lines("reason", reason, longest=500, least=2)
    return _switch(row, by, "restored", why, active=True)


def _switch(row: Application, by: Officer, verb: str, reason: str, *, active: bool) -> ApplicationView:
    if row.active != active:
        row.active = active
        row.save(update_fields=["active"])
        audit.record(f"organisations.application.{verb}", by=by, subject=row.client_id, facts={"reason": reason})
    return queries.application(row.client_id)


def _thumbprints(given: Sequence[str]) -> list[str]:
    """Read which certificates are meant, each once, in order."""
    found = list(dict.fromkeys(map(certificates_of.named, given)))
    if len(found) > MOST_CERTIFICATES:
        why = f"最多 {MOST_CERTIFICATES} 份证书，新旧并存即可 (at most {MOST_CERTIFICATES}: the old one and the new)"
        raise Malformed(why, fields={"certificates": why})
    return found


def _check_told() -> None:
    """Check that somebody tells the gateway of certificates, before it wants one."""
    if not settings.NODE.certificate_proxies:
        raise Conflict(
            "本节点没有终结双向 TLS 的代理，网关看不到客户端证书 (no proxy tells the gateway of client certificates)",
            fields={"certificates": "现在设置会使全部调用被拒绝 (each call would be refused)"},
            remedy="请系统管理员在 node.toml 的 certificate_proxies 登记 (the administrator lists it as `certificate_proxies`)",
        )


def _own(client_id: str, by: Officer) -> Application:
    """Read an application the officer may see, for change."""
    rows = queries.visible_applications(by).select_for_update(of=("self",))
    row = rows.filter(pk=client_id).first() if client_id.isprintable() else None
    if row is None:
        raise Unknown("there is no such application")
    return row


def _save(row: Application, **how: object) -> None:
    taken = Application.objects.filter(former_key_id=row.key_id, former_ends__gt=datetime.now(UTC))
    if taken.exclude(pk=row.pk).exists():
        raise Conflict("another application has this key", fields={"public_key": "taken"})
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        raise Conflict("another application has this key", fields={"public_key": "taken"}) from None


def _key(public_key: str) -> tuple[str, str, str]:
    """Give private key ("" when the public one was given), public key and key id."""
    if not public_key.strip():
        pair = Ed25519PrivateKey.generate()
        private = pair.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return private.decode(), public.decode(), load_verifier(public).key_id
    why = "an Ed25519 or SM2 public key in PEM, beginning with -----BEGIN PUBLIC KEY-----"
    if len(public_key) > LONGEST_KEY or not public_key.isascii() or "PRIVATE" in public_key:
        raise Malformed("this is not a public key", fields={"public_key": why}, remedy="never hand over a private key")
    try:
        verifier = load_verifier(public_key.strip().encode())
    except Malformed:
        raise Malformed("this is not a public key", fields={"public_key": why}) from None
    return "", public_key.strip().replace("\r\n", "\n") + "\n", verifier.key_id
