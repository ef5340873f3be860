# SPDX-License-Identifier: Apache-2.0
"""Published vectors for what evidence rests on: Merkle inclusion, SM3, SM4-GCM, and SM2 by an independent reckoning."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from datong.crypto import ciphers, keys
from datong.crypto.digests import SM3
from datong.ledger.merkle import BadProof, verify_inclusion

VECTORS = Path(__file__).parent / "vectors"
CASES = json.loads((VECTORS / "merkle-inclusion.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_inclusion_as_others_check_it(case):
    leaf, root = (base64.b64decode(case[name] or "") for name in ("leafHash", "root"))
    path = [base64.b64decode(step) for step in case["proof"] or []]
    if case["wantErr"]:
        with pytest.raises(BadProof):
            verify_inclusion(case["leafIdx"], case["treeSize"], leaf, path, root)
    else:
        verify_inclusion(case["leafIdx"], case["treeSize"], leaf, path, root)


def test_all_published_inclusion_cases_are_here():
    assert len(CASES) == 98
    assert {case["wantErr"] for case in CASES} == {True, False}


def rows(name):
    """Read a vector file of `KEY = value` lines into one dictionary per block."""
    found, row = [], {}
    for line in (VECTORS / name).read_text().splitlines():
        key, _, value = line.partition(" = ")
        if value:
            row[key] = value
        elif row and not line:
            found.append(row)
            row = {}
    return [*found, row] if row else found


@pytest.mark.parametrize("row", rows("sm3-oscca.txt"), ids=lambda row: row["Len"])
def test_sm3(row):
    message = bytes.fromhex(row["Msg"])[: int(row["Len"]) // 8]
    assert SM3.hash(message).hex() == row["MD"]


@pytest.mark.parametrize("row", rows("sm4-gcm-rfc8998.txt"), ids=["A.2"])
def test_sm4_gcm(row):
    value = {key: bytes.fromhex(text) for key, text in row.items() if key != "COUNT"}
    running = Cipher(ciphers.SUITES["sm4-gcm"].cipher(value["KEY"]), modes.GCM(value["IV"])).encryptor()
    running.authenticate_additional_data(value["AAD"])
    assert running.update(value["PLAINTEXT"]) + running.finalize() == value["CIPHERTEXT"]
    assert running.tag == value["TAG"]


# The curve and the arithmetic of GB/T 32918.2 and .5, written out: our SM2 must be the standard's, with the identifier
# of GM/T 0009 and not ECDSA over the same curve.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def plus(one, other):
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P) % P
    x = (slope**2 - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(factor, point):
    total = None
    while factor:
        total = plus(total, point) if factor & 1 else total
        point, factor = plus(point, point), factor >> 1
    return total


def holds_by_the_standard(public, signature, message, identifier=b"1234567812345678"):
    r, s = decode_dss_signature(signature)
    numbers = b"".join(number.to_bytes(32, "big") for number in (A, B, *G, *public))
    z = SM3.hash((8 * len(identifier)).to_bytes(2, "big") + identifier + numbers)
    e = int.from_bytes(SM3.hash(z + message), "big")
    x, _ = plus(times(s, G), times((r + s) % N, public))
    return (e + x) % N == r


def test_sm2_is_the_standards(tmp_path):
    signer = keys.generate(tmp_path / "key", "sm2")
    der = base64.b64decode(b"".join(signer.public_pem().splitlines()[1:-1]))
    public = (int.from_bytes(der[-64:-32], "big"), int.from_bytes(der[-32:], "big"))
    message = "数据直达基层".encode()
    signature = signer.sign(message)
    assert holds_by_the_standard(public, signature, message)
    assert not holds_by_the_standard(public, signature, message + b"x")
