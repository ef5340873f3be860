# SPDX-License-Identifier: Apache-2.0
"""Acts: who did what to what, as strings.

Kept here: the shape of an act and the bytes that become its leaf in the evidence log. An act names things by their
codes, never by keys of other tables: it outlives what it describes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from datong.kernel import canonical
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed

CHANNEL = "datong_act"
"""PostgreSQL NOTIFY channel; the payload is the act's seq."""
LOG = "acts"
"""Folder of the control plane's log inside the evidence folder."""
TAG = re.compile(r"[a-z]+(\.[a-z_]+){2}")
LONGEST_SUBJECT = 300
LARGEST_FACTS = 64 * 1024
"""Bytes of canonical JSON."""
SEES_ALL = frozenset({Role.AUDITOR, Role.AUTHORITY, Role.SECURITY})
"""Who reads every act; others read those of their own department."""


@dataclass(frozen=True, slots=True)
class ActView:
    """One act.

    Attributes:
        seq: Place in the one order of all acts, from 1 without gaps; its leaf has index seq - 1.
        at: Moment by the database's clock.
        tag: context.subject.verb.
        account: Sign-in name of who did it.
        name: Name of that person then.
        department: USCC of the department then, "" for none.
        department_name: Name of that department then.
        roles: Roles held then, sorted.
        subject: Code of what it was done to.
        facts: What else an auditor needs.
    """

    seq: int
    at: datetime
    tag: str
    account: str
    name: str
    department: str
    department_name: str
    roles: tuple[str, ...]
    subject: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """What an act will say, before it has a number.

    Attributes:
        tag: context.subject.verb.
        subject: Code of what it is done to.
        facts: What else an auditor needs; canonical JSON values, no personal data beyond need.
    """

    tag: str
    subject: str
    facts: Mapping[str, Any] | None = None


def record_of(act: ActView) -> bytes:
    """Give the canonical bytes of an act: the body of its leaf."""
    return canonical.dumps(
        {
            "kind": "act",
            "seq": act.seq,
            "at": act.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "tag": act.tag,
            "account": act.account,
            "name": act.name,
            "department": act.department,
            "department_name": act.department_name,
            "roles": list(act.roles),
            "subject": act.subject,
            "facts": dict(act.facts),
        }
    )


def check_tag(tag: str) -> str:
    """Check that a tag reads context.subject.verb.

    Raises:
        Malformed: Another shape.
    """
    if not TAG.fullmatch(tag):
        raise Malformed(f"{tag!r} is no tag", fields={"tag": "context.subject.verb in small letters"})
    return tag


def check_subject(subject: str) -> str:
    """Check that a subject fits one line of the log.

    Raises:
        Malformed: Too long, or NUL in it.
    """
    if len(subject) > LONGEST_SUBJECT or "\x00" in subject:
        raise Malformed("the subject of an act is a code", fields={"subject": f"at most {LONGEST_SUBJECT} characters"})
    return subject


def facts_text(facts: Mapping[str, Any] | None) -> str:
    """Give facts as canonical JSON text.

    Raises:
        Malformed: Not canonical, or larger than 64 KiB.
    """
    made = canonical.dumps(dict(facts or {}))
    if len(made) > LARGEST_FACTS:
        raise Malformed("the facts of an act are too large", fields={"facts": f"at most {LARGEST_FACTS} bytes"})
    return made.decode()
