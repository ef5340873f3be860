# SPDX-License-Identifier: Apache-2.0
"""Node checkpoints: one form, one signature, and a series in which no log is lost or shrinks."""

import json

import pytest

from datong.crypto.digests import SHA256
from datong.crypto.signing import BadSignature
from datong.kernel.errors import Malformed
from datong.ledger import checkpoints, merged
from factories.evidence import a_signer, its_verifier

NODE = "330000"


def a_state(log="acts", size=3, root=b"\1" * 32, signer=None):
    return checkpoints.sign(signer or a_signer(), origin=f"{NODE}/{log}", size=size, root=root, digest=SHA256)


def a_node(*states, before=None):
    return merged.sign(a_signer(), NODE, states or [a_state("gateway-0"), a_state("acts")], before)


def test_a_node_checkpoint_survives_its_line_and_pins_every_log():
    made = a_node()
    read = merged.parse(made.line())
    assert read == made and read.name == made.name
    read.check(its_verifier(a_signer()))
    assert [mark.origin for mark in read.logs] == ["330000/acts", "330000/gateway-0"]
    assert read.of("330000/acts").size == 3 and read.of("330000/gateway-9") is None


def test_a_series_grows_and_names_the_line_before():
    first = a_node()
    second = a_node(a_state(size=4), a_state("gateway-0"), a_state("gateway-1"), before=first)
    assert (second.number, second.previous) == (1, first.name)
    second.check_follows(first)
    for earlier in (None, second):
        with pytest.raises(Malformed, match="does not follow"):
            second.check_follows(earlier)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([a_state("gateway-0")], "330000/acts is missing"),
        ([a_state(size=2), a_state("gateway-0")], "330000/acts shrank from 3 to 2"),
        ([a_state(root=b"\2" * 32), a_state("gateway-0")], "330000/acts has two roots of 3 records"),
    ],
)
def test_no_log_leaves_a_series_shrinks_or_is_forked(states, said):
    with pytest.raises(Malformed, match=said):
        a_node(*states, before=a_node())


@pytest.mark.parametrize("change", [{"at": "2020-01-01T00:00:00Z"}, {"number": 7}, {"previous": "1" * 64}])
def test_any_changed_fact_breaks_the_signature(change):
    facts = {**json.loads(a_node().line()), **change}
    line = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    with pytest.raises(BadSignature):
        merged.parse(line).check(its_verifier(a_signer()))


def test_another_key_is_named():
    with pytest.raises(BadSignature, match=a_signer(number=2).key_id):
        a_node().check(its_verifier(a_signer(number=2)))


def altered(**change):
    facts = {**json.loads(a_node().line()), **change}
    facts = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


MARKS = json.loads(a_node().line())["logs"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        altered(at=None),
        altered(extra=1),
        altered(number=-1),
        altered(number=True),
        altered(format="datong-node/2"),
        altered(signature="***"),
        altered(logs=[]),
        altered(logs=[3]),
        altered(logs=MARKS[::-1]),
        altered(logs=MARKS[:1] * 2),
        altered(origin="440000"),
        altered(hash="sm3"),
        a_node().line().replace(b":", b": "),
    ],
)
def test_what_is_no_node_checkpoint_is_malformed(line):
    with pytest.raises(Malformed):
        merged.parse(line)
