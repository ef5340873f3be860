# SPDX-License-Identifier: Apache-2.0
"""What is sealed opens with the same key and context, and with no other."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.ciphers import BY_MARK, NONCE, SUITES, BadSeal, derive, open_sealed, seal
from datong.kernel.errors import Malformed

KEYS = {name: bytes(range(suite.key_bytes)) for name, suite in SUITES.items()}


@given(st.sampled_from(sorted(SUITES)), st.binary(max_size=200), st.binary(max_size=50))
def test_what_was_sealed_opens(suite, plaintext, aad):
    sealed = seal(KEYS[suite], plaintext, aad, suite=suite)
    assert BY_MARK[sealed[0]].name == suite
    assert open_sealed(KEYS[suite], sealed, aad) == plaintext


@given(st.sampled_from(sorted(SUITES)), st.binary(min_size=1, max_size=40), st.data())
def test_any_flipped_bit_is_found(suite, plaintext, data):
    sealed = bytearray(seal(KEYS[suite], plaintext, b"context", suite=suite))
    at = data.draw(st.integers(1, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadSeal):
        open_sealed(KEYS[suite], bytes(sealed), b"context")


def test_another_context_does_not_open():
    with pytest.raises(BadSeal):
        open_sealed(KEYS["sm4-gcm"], seal(KEYS["sm4-gcm"], b"x", b"one", suite="sm4-gcm"), b"two")


def test_the_suite_byte_is_authenticated():
    key = KEYS["aes-256-gcm"]
    sealed = seal(key, b"text", b"aad")
    nonce, rest = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    assert AESGCM(key).decrypt(nonce, rest, sealed[:1] + b"aad") == b"text"


def test_two_seals_of_one_text_differ():
    key = KEYS["aes-256-gcm"]
    assert seal(key, b"same") != seal(key, b"same")


@pytest.mark.parametrize("sealed", [b"", b"\x01" + bytes(27), b"\x00" + bytes(40), b"\x09" + bytes(40)])
def test_what_is_no_sealed_text_is_malformed(sealed):
    with pytest.raises(Malformed):
        open_sealed(KEYS["aes-256-gcm"], sealed)


def test_an_unknown_suite_and_a_key_of_the_wrong_length_are_malformed():
    with pytest.raises(Malformed, match="unknown cipher"):
        seal(bytes(32), b"", suite="rot13")
    with pytest.raises(Malformed, match="32 bytes, not 16"):
        seal(bytes(16), b"")
    with pytest.raises(Malformed, match="16 bytes, not 32"):
        open_sealed(bytes(32), seal(KEYS["sm4-gcm"], b"", suite="sm4-gcm"))


def test_keys_for_two_purposes_are_unrelated_and_repeatable():
    assert derive(b"material", "tokens") == derive(b"material", "tokens") != derive(b"material", "cookies")
    assert len(derive(b"material", "tokens", 16)) == 16


@pytest.mark.parametrize(("material", "length"), [(b"", 32), (b"m", 15), (b"m", 255 * 32 + 1), (b"m", -1)])
def test_nothing_is_derived_from_nothing_or_beyond_the_limit(material, length):
    with pytest.raises(Malformed):
        derive(material, "tokens", length)
