# SPDX-License-Identifier: Apache-2.0
"""Signatures of S3 requests against the examples Amazon publishes."""

from __future__ import annotations

from datetime import UTC, datetime

from datong.crypto import s3_signing
from datong.crypto.s3_signing import EMPTY, Credential

WHO = Credential("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
WHEN = datetime(2013, 5, 24, tzinfo=UTC)
BUCKET = "https://examplebucket.s3.amazonaws.com"


def test_a_signed_listing_is_the_published_example():
    headers = s3_signing.signed(WHO, "GET", f"{BUCKET}/", {"max-keys": "2", "prefix": "J"}, EMPTY, WHEN)
    assert headers["authorization"].endswith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")


def test_a_presigned_link_is_the_published_example():
    link = s3_signing.presigned(WHO, "GET", f"{BUCKET}/test.txt", 86_400, WHEN)
    assert link.endswith("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_a_secret_is_never_shown():
    assert WHO.secret not in repr(WHO)
    assert WHO.secret not in s3_signing.presigned(WHO, "GET", f"{BUCKET}/a", 10**9, WHEN)


def test_names_are_encoded_once():
    assert s3_signing.path_of("目录/a b+c%.csv") == "%E7%9B%AE%E5%BD%95/a%20b%2Bc%25.csv"
    assert s3_signing.encoded({"b": "x y", "a": "/"}) == "a=%2F&b=x%20y"
