# SPDX-License-Identifier: Apache-2.0
"""Notes: the published example, one form, one signature that counts, and no other reading."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datong.crypto.digests import SHA256, SM3
from datong.crypto.signing import BadSignature
from datong.kernel.errors import Malformed, Unknown
from datong.ledger import checkpoints, notes
from datong.ledger.notes import Mark, Note
from factories.evidence import a_signer, its_verifier

ORIGIN = "330000/gateway-0"
PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED = "This is an example message.\n"
PUBLISHED_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
PUBLISHED_CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


def a_state(origin=ORIGIN, size=7, signer=None, digest=SHA256):
    return checkpoints.sign(signer or a_signer(), origin=origin, size=size, root=bytes(range(32)), digest=digest)


def a_note(signer=None, **facts):
    return notes.sign(signer or a_signer(), a_state(**facts))


GOOD = a_note().line()
KEY = notes.key_of(ORIGIN, a_signer())


def test_the_published_example_is_read_and_checked():
    key = notes.parse_key(PUBLISHED_KEY)
    assert (key.text(), key.name, key.id.hex()) == (PUBLISHED_KEY, "example.com/foo", "530d903a")
    signed = base64.b64decode(PUBLISHED_SIGNATURE)
    assert signed[:4] == key.id
    key.verifier.verify(signed[4:], PUBLISHED.encode())
    with pytest.raises(Malformed):  # a note, and no state of a log
        notes.parse(f"{PUBLISHED}\n— example.com/foo {PUBLISHED_SIGNATURE}\n".encode())


def test_the_published_checkpoint_survives_reading():
    read = notes.parse(PUBLISHED_CHECKPOINT.encode())
    assert (read.origin, read.size, read.line().decode()) == ("example.com/behind-the-sofa", 20852163, PUBLISHED_CHECKPOINT)
    assert base64.b64encode(read.root).decode() in PUBLISHED_CHECKPOINT


def test_a_note_says_what_the_checkpoint_says_in_three_lines():
    made = a_note()
    origin, size, root, empty, signed, end = GOOD.decode().split("\n")
    assert (origin, size, base64.b64decode(root), empty, end) == (ORIGIN, "7", a_state().root, "", "")
    assert signed.startswith(f"— {ORIGIN} ")
    read = notes.parse(GOOD)
    assert (read, read.signed_bytes, read.hash) == (made, f"{origin}\n{size}\n{root}\n".encode(), "sha256")
    read.check(its_verifier(a_signer()))
    assert notes.opened(GOOD, notes.parse_key(KEY.text())).size == 7
    assert notes.is_note(GOOD.decode()) and not notes.is_note(a_state().line().decode())
    assert notes.sign(a_signer(), a_state()).line() == GOOD  # signed twice, it is the same


@given(at=st.integers(0, len(GOOD) - 1), other=st.integers(0, 255))
@example(at=len(GOOD) - 1, other=0)
@example(at=len(GOOD) - 3, other=ord("B"))
def test_any_changed_byte_fails(at, other):
    changed = GOOD[:at] + bytes([other]) + GOOD[at + 1 :]
    for check in (lambda raw: notes.parse(raw).check(its_verifier(a_signer())), lambda raw: notes.opened(raw, KEY)):
        if changed != GOOD:
            with pytest.raises((Malformed, BadSignature)):
                check(changed)


@given(st.binary(max_size=200) | st.text(alphabet=f"{ORIGIN}— \n+=A1\x00", max_size=200).map(str.encode))
def test_nothing_else_is_read_as_a_signed_note(raw):
    with pytest.raises((Malformed, BadSignature)):
        notes.opened(raw, KEY)


def test_a_note_of_another_log_or_by_another_key_fails():
    acts = a_note(origin="330000/acts").line()
    notes.parse(acts).check(its_verifier(a_signer()))
    with pytest.raises(BadSignature, match="of '330000/acts', not of"):
        notes.opened(acts, KEY)
    with pytest.raises(BadSignature):
        notes.parse(acts.replace(b"330000/acts", ORIGIN.encode())).check(its_verifier(a_signer()))
    with pytest.raises(BadSignature):
        notes.parse(GOOD).check(its_verifier(a_signer(number=2)))


def test_signatures_of_others_count_for_nothing_and_those_of_the_key_all_count():
    read, other = notes.parse(GOOD), Mark("witness.example/w", b"\1\2\3\4", b"whatever" * 600)
    named_alike = Mark(ORIGIN, b"\1\2\3\4", b"not ours"), Mark("witness.example/w", KEY.id, b"not ours")
    with_others = Note(read.text, [other, *named_alike, *read.marks, *[other] * 13]).line()
    assert notes.opened(with_others, KEY).marks[0] == other
    with pytest.raises(BadSignature):
        notes.opened(Note(read.text, [other, *named_alike]).line(), KEY)
    with pytest.raises(BadSignature):
        notes.opened(Note(read.text, [*read.marks, Mark(ORIGIN, KEY.id, b"wrong")]).line(), KEY)
    assert notes.opened(Note(read.text, read.marks * 2).line(), KEY) != read


def test_lines_behind_the_root_are_signed_with_it():
    signer, text = a_signer(), notes.parse(GOOD).text + "more\n"
    signed = Note(text, [Mark(KEY.name, KEY.id, signer.sign(text.encode()))])
    assert notes.opened(signed.line(), KEY).size == 7
    with pytest.raises(BadSignature):
        notes.opened(signed.line().replace(b"more", b"less"), KEY)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\n\n", b"\n\n\n", b"\xff", b"\x00", GOOD[:-1], GOOD + b"\n", b"\n" + GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD + b"x\n",
        GOOD.replace(b"\n\n", b"\n"), GOOD.replace(b"\n\n", b"\n\n\n"), GOOD.replace(b"\n7\n", b"\n\n"),
        GOOD.replace(b"\n7\n", b"\n07\n"), GOOD.replace(b"\n7\n", b"\n-7\n"), GOOD.replace(b"\n7\n", b"\n+7\n"), GOOD.replace(b"\n7\n", b"\n7 \n"),
        GOOD.replace(b"\n7\n", "\n٧\n".encode()), GOOD.replace(b"\n7\n", b"\n9223372036854775808\n"), GOOD.replace(b"\n7\n", b"\n" + b"7" * 5000 + b"\n"),
        GOOD.replace(b"\n7\n", b"\n7\nAA==\n"), GOOD.replace(b"\xe2\x80\x94 ", b"- "), GOOD.replace(b"\xe2\x80\x94 ", "—".encode()),
        f"{notes.parse(GOOD).text}\n— {ORIGIN} AAAA\n".encode(), f"{notes.parse(GOOD).text}\n— {ORIGIN} ***\n".encode(),
        f"{notes.parse(GOOD).text}\n— a+b AAAAAAA=\n".encode(), f"{notes.parse(GOOD).text}\n— a\u00a0b AAAAAAA=\n".encode(),
        f"{notes.parse(GOOD).text}\n— {ORIGIN}\n".encode(), f"{notes.parse(GOOD).text}\n—  AAAAAAA=\n".encode(),
        GOOD + GOOD.split(b"\n\n")[1] * 1200,
    ],
)  # fmt: skip
def test_what_is_no_note_is_malformed(raw):
    with pytest.raises(Malformed):
        notes.parse(raw)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a+b", KEY.text()[:-1], KEY.text() + "A", KEY.text().replace(KEY.id.hex(), KEY.id.hex().upper() + "0"), "+" + KEY.text(),
        KEY.text().replace(ORIGIN, "330000/acts"), KEY.text().replace("+AU", "+AE"), KEY.text().replace("+AU", "+BU"), f"{ORIGIN}+00000000+AQ==",
    ],
)  # fmt: skip
def test_what_is_no_verifier_key_is_malformed(text):
    with pytest.raises(Malformed):
        notes.parse_key(text)


def test_a_log_of_the_other_suite_has_no_notes():
    signer = a_signer("sm2")
    with pytest.raises(Unknown, match="C2SP names no signature by SM2"):
        notes.sign(signer, a_state(signer=signer, digest=SM3))
    with pytest.raises(Unknown):
        notes.key_of(ORIGIN, signer)
    with pytest.raises(BadSignature, match="notes are of Ed25519"):
        notes.parse(GOOD).check(its_verifier(signer))


@pytest.mark.parametrize("origin", ["浙江 网关", "a+b", "a\u3000b", "a\nb", ""])
def test_an_origin_that_cannot_name_a_key_gets_no_note(origin):
    with pytest.raises(Malformed):
        notes.sign(a_signer(), a_state(origin=origin))
