# SPDX-License-Identifier: Apache-2.0
"""What a report names of a person: sealed at rest, opened for the two sides of the report, masked for everybody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
from django.conf import settings

from datong.contexts.corrections.models import Correction, Evidence
from datong.crypto import ciphers
from datong.crypto.keys import load_secret
from datong.kernel.corrections import Report
from datong.kernel.masks import Mask, apply

PURPOSE = "corrections values"
SHORT = 6
"""Longest value of which a mask leaves nothing."""


@dataclass(frozen=True, slots=True)
class Values:
    """The sealed part of a report.

    Attributes:
        key: Key item to its value.
        found: What was found.
        expected: What it should be.
        evidence: Why, in words.
        proof_number: Number of the proof shown.
    """

    key: Mapping[str, str] = field(default_factory=dict)
    found: str = ""
    expected: str = ""
    evidence: str = ""
    proof_number: str = ""


_values = msgspec.json.Decoder(Values)


def of_report(report: Report) -> Values:
    """Take the values out of a report."""
    return Values(dict(report.key), report.found, report.expected, report.evidence, report.proof_number)


def seal_values(values: Values, number: str) -> bytes:
    """Seal values under the number of their report."""
    return ciphers.seal(_key(), msgspec.json.encode(values, order="sorted"), number.encode())


def values_of(row: Correction) -> Values:
    """Open the values of a report; who calls has checked that they may be read."""
    return _values.decode(ciphers.open_sealed(_key(), bytes(row.sealed), row.number.encode()))


def masked_values(values: Values) -> Values:
    """Give the values as those see them who only supervise."""
    key = {name: _masked(value) for name, value in values.key.items()}
    hidden = replace(values, key=key, found=_masked(values.found), expected=_masked(values.expected))
    return replace(hidden, evidence="***" if values.evidence else "", proof_number=_masked(values.proof_number))


def seal_file(content: bytes, digest: str) -> bytes:
    """Seal a file under its digest."""
    return ciphers.seal(_key(), content, digest.encode())


def content_of(file: Evidence) -> bytes:
    """Open a file; who calls has checked that it may be read."""
    return ciphers.open_sealed(_key(), bytes(file.sealed), file.digest.encode())


def _masked(value: str) -> str:
    if not value:
        return ""
    return str(apply(Mask("redact") if len(value) <= SHORT else Mask("partial", 1, 1), value))


def _key() -> bytes:
    return load_secret(settings.NODE_FOLDER.key, PURPOSE)
