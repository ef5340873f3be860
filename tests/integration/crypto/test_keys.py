# SPDX-License-Identifier: Apache-2.0
"""Key files: made once, for their owner alone, and refused when others may read them."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from datong.crypto import keys
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories.evidence import its_verifier


@pytest.mark.parametrize("algorithm", keys.MAKERS)
def test_a_key_survives_its_file(tmp_path, algorithm):
    made = keys.generate(tmp_path / "key", algorithm)
    read = keys.load_signer(tmp_path / "key")
    assert (read.key_id, read.algorithm) == (made.key_id, algorithm)
    its_verifier(made).verify(read.sign(b"text"), b"text")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path):
    keys.generate(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(Conflict):
        keys.generate(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before


def test_an_unknown_algorithm_makes_no_file(tmp_path):
    with pytest.raises(Malformed):
        keys.generate(tmp_path / "key", "rsa")
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_may_read_is_refused_with_the_remedy(tmp_path, mode):
    keys.generate(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(Refused) as caught:
        keys.load_signer(tmp_path / "key")
    assert caught.value.remedy == "chmod 600 key"


def test_a_missing_and_an_empty_key(tmp_path):
    with pytest.raises(Unknown):
        keys.load_signer(tmp_path / "key")
    (tmp_path / "key").touch(0o600)
    with pytest.raises(Malformed, match="empty"):
        keys.load_signer(tmp_path / "key")


def foreign(kind):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    hidden = BestAvailableEncryption(b"secret") if kind == "locked" else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)


@pytest.mark.parametrize("kind", ["rsa", "p256", "locked", "junk"])
def test_other_keys_are_malformed(tmp_path, kind):
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(b"junk" if kind == "junk" else foreign(kind))
    with pytest.raises(Malformed):
        keys.load_signer(path)


def test_secrets_are_one_per_purpose_and_the_same_at_each_start(tmp_path):
    keys.generate(tmp_path / "key")
    first = keys.load_secret(tmp_path / "key", "tokens")
    assert first == keys.load_secret(tmp_path / "key", "tokens") != keys.load_secret(tmp_path / "key", "cookies")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(Refused):
        keys.load_secret(tmp_path / "key", "tokens")
