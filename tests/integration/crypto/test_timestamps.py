# SPDX-License-Identifier: Apache-2.0
"""Time stamps made by a real authority are taken; of any other kind none is."""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from datong.crypto import der, timestamps
from datong.crypto.timestamps import BadStamp
from datong.kernel.errors import Malformed
from factories.time_stamping import a_tsa

DATA = b"a node checkpoint"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("authorities")


@pytest.fixture(scope="module")
def authority(place):
    return a_tsa(place / "one")


@pytest.fixture(scope="module")
def token(authority):
    return timestamps.token_of(authority.answer(timestamps.question(DATA, 2**63 - 1)))


def stamped_by(authority):
    token = timestamps.token_of(authority.answer(timestamps.question(DATA, 7)))
    return timestamps.check(token, DATA, timestamps.roots_of(authority.roots))


def test_a_stamp_of_a_real_authority_is_taken(authority, token):
    said, name = timestamps.check(token, DATA, timestamps.roots_of(authority.roots))
    assert (said.nonce, name) == (2**63 - 1, "CN=Test TSA") and timestamps.read(token) == said


@pytest.mark.parametrize(("digest", "named"), [("sha512", "sha1"), ("sha384", "sha512")])
def test_other_digests_of_authorities_are_taken(place, digest, named):
    assert stamped_by(a_tsa(place / digest, digest=digest, named=named))[1] == "CN=Test TSA"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"may_sign": False}, "none of the roots"),
        ({"ended": True}, "not valid then"),
    ],
)
def test_who_may_not_stamp_is_refused(place, request, change, said):
    authority = a_tsa(place / request.node.callspec.id, **change)
    with pytest.raises(BadStamp, match=said):
        stamped_by(authority)


@pytest.mark.parametrize(
    "change",
    [
        {"usage": x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH])},
        {"critical": False},
        {"usage": None},
    ],
)
def test_a_certificate_that_is_not_for_time_stamps_alone_is_refused(place, request, change):
    a_tsa(place / request.node.callspec.id, **change)  # openssl itself makes no stamp with such a certificate
    found = x509.load_pem_x509_certificate((place / request.node.callspec.id / "tsa.crt").read_bytes())
    with pytest.raises(BadStamp, match="not for time stamps"):
        timestamps._check_for_stamps(found)


def test_another_authority_and_other_bytes_are_refused(place, token):
    other = a_tsa(place / "other")
    with pytest.raises(BadStamp, match="none of the roots"):
        timestamps.check(token, DATA, timestamps.roots_of(other.roots))
    with pytest.raises(BadStamp, match="something else"):
        timestamps.check(token, DATA + b"!", timestamps.roots_of(other.roots))
    with pytest.raises(Malformed):
        timestamps.roots_of(b"no certificates")


def test_a_changed_byte_of_what_is_stamped_or_signed_is_found(authority, token):
    roots = timestamps.roots_of(authority.roots)
    said = timestamps.read(token)
    at = said.at.strftime("%Y%m%d%H%M%SZ").encode()
    for part in (at, said.imprint, token[-20:]):
        place = token.index(part) + len(part) // 2
        changed = token[:place] + bytes((token[place] ^ 1,)) + token[place + 1 :]
        with pytest.raises(BadStamp):
            timestamps.check(changed, DATA, roots)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x03\x02\x01\x00"])
def test_garbage_is_no_answer(answer):
    with pytest.raises(BadStamp, match="cannot be read"):
        timestamps.token_of(answer)
    with pytest.raises(BadStamp, match="cannot be read"):
        timestamps.read(answer)


def test_an_authority_that_refuses_says_its_status(authority):
    wrong = timestamps.question(DATA, 7).replace(timestamps.SHA256, bytes.fromhex("608648016503040209"))
    with pytest.raises(BadStamp, match="status 2"):
        timestamps.token_of(authority.answer(wrong))


def test_a_status_of_thousands_of_digits_is_told_as_none():
    status = der.write(der.SEQUENCE, der.number(1 << 20_000))
    with pytest.raises(BadStamp, match=r"status \?"):
        timestamps.token_of(der.write(der.SEQUENCE, status))


@pytest.mark.parametrize(
    "data", [b"\x02\x02\x00\x01", b"\x02\x00", b"\x04\x01\x01", b"\x02\x81\x01\x05", b"\x02\x01\x05\x00", b"\x02\x82\x00\x81"]
)
def test_a_number_has_one_form(data):
    with pytest.raises(Malformed):
        der.read(data).integer()


@pytest.mark.parametrize("number", [0, 127, 128, 255, 256, 2**63 - 1])
def test_a_number_written_is_read(number):
    assert der.read(der.number(number)).integer() == number


@pytest.mark.parametrize(
    "text", [b"20261301000000Z", b"20260101000000", b"202601010000Z", b"20260101000000.Z", b"2026010100000aZ"]
)
def test_an_instant_has_one_form(text):
    with pytest.raises(Malformed):
        der.read(der.write(der.TIME, text)).instant()
    assert der.read(der.write(der.TIME, b"20260101000000.5Z")).instant().microsecond == 500_000
