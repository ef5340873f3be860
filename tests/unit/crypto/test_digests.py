# SPDX-License-Identifier: Apache-2.0
"""Digest suites are found by name and have one size."""

import hashlib

import pytest

from datong.crypto.digests import SHA256, SIZE, SM3, SUITES, suite
from datong.kernel.errors import Malformed


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_is_found_by_its_name_and_gives_32_bytes(name):
    assert suite(name).name == name
    assert len(suite(name).hash(b"abc")) == SIZE


def test_the_suites_differ():
    assert SHA256.hash(b"abc") == hashlib.sha256(b"abc").digest() != SM3.hash(b"abc")


@pytest.mark.parametrize("name", ["", "md5", "SHA256", "sha256\n"])
def test_an_unknown_suite_is_refused_with_the_remedy(name):
    with pytest.raises(Malformed) as caught:
        suite(name)
    assert "sha256, sm3" in str(caught.value.remedy)
