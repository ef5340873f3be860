# SPDX-License-Identifier: Apache-2.0
"""Certificates are named by PEM or by their SHA-256, and nothing else is one."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.certificates import der_of, named, thumbprint
from datong.kernel.errors import Malformed

PEM = """-----BEGIN CERTIFICATE-----
MIIBQjCB9aADAgECAhQ
-----END CERTIFICATE-----
"""


@given(st.binary(min_size=32, max_size=32))
def test_a_thumbprint_is_named_in_each_of_its_spellings(digest: bytes):
    written = urlsafe_b64encode(digest).decode().rstrip("=")
    spaced = ":".join(f"{byte:02X}" for byte in digest)
    assert named(written) == named(digest.hex()) == named(f" {spaced}\n") == written


@given(st.binary(max_size=300))
def test_a_thumbprint_is_the_hash_of_the_der(der: bytes):
    assert thumbprint(der) == urlsafe_b64encode(sha256(der).digest()).decode()[:43]
    assert named(thumbprint(der)) == thumbprint(der)


@pytest.mark.parametrize("text", ["", "x", "A" * 42, "A" * 42 + "B", "A" * 44, "ab" * 31, "证书", PEM, PEM.replace("CERTIFICATE", "PRIVATE KEY"), "A" * 50_000])
def test_anything_else_is_refused_and_not_repeated(text: str):
    with pytest.raises(Malformed) as refused:
        named(text)
    assert "certificates" in refused.value.fields and (text[:20] not in str(refused.value.fields) or len(text) < 3)


@pytest.mark.parametrize("pem", ["", PEM, PEM + PEM, PEM.replace("MIIB", "MI*B"), PEM[:27] + " " * 200_000 + "!", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"])
def test_bytes_are_taken_from_one_whole_certificate_alone(pem: str):
    with pytest.raises(ValueError, match=r"certificate|padding|base64"):
        der_of(pem)
