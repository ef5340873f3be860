# SPDX-License-Identifier: Apache-2.0
"""Claim: the national suite costs what its curve costs and no call pays for it, for no call is signed by itself.

Ours: the SM2 suite (SM2 with SM3 for signatures, assertions and checkpoints) beside the Ed25519 suite: sign, verify, an
access token for a client assertion, and a batch of 512 records appended with its signed checkpoint. Peer: the Ed25519 suite
in the same run. Limit: the bare library under each (`cryptography`, `tongsuopy`), key at hand, nothing else. And what a
checked token costs at the next call, which signs and verifies nothing. Rounds are interleaved, processor time is told
beside time, and the median counts.

`python benchmarks/signatures.py [--quick] --json` prints one object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from _scratch import scratch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tongsuopy.crypto import hashes as tongsuo_hashes
from tongsuopy.crypto.asymciphers import ec as tongsuo_curves

from datong.crypto import keys
from datong.crypto.signing import ED25519, SM2, Signer
from datong.gateway.assertions import NAMES, Assertions, signatures
from datong.gateway.config import GatewayConfig
from datong.gateway.limits.spent import Spent
from datong.gateway.snapshot import Snapshot
from datong.gateway.tokens import Tokens
from datong.ledger.log import Log
from datong.wire import policy as wire
from datong.wire.instants import text_of

NODE, CLIENT = "330000", "app-0123456789abcdef"
LENGTH, BATCH = 420, 512
CLAIM = "the national suite costs what its curve costs, and no call is signed by itself"
Work = Callable[[int], object]


def assertion(signer: Signer, number: int, now: float) -> str:
    """A client assertion."""
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": NODE, "exp": int(now) + 120, "jti": f"{signer.key_id}-{number:08d}"}
    return signatures().encode(orjson.dumps(claims), signer, algorithm=NAMES[signer.algorithm])  # type: ignore[arg-type]


def a_snapshot(signer: Signer, now: float) -> Snapshot:
    """A policy with one application that has this key."""
    pem = signer.public_pem().decode()
    client = wire.Client(client_id=CLIENT, name="系统", department="11330000002482109N", public_key=pem)
    policy = wire.Policy(node=NODE, version=1, issued_at=text_of(now), not_after=text_of(now + 3_600), clients=[client])
    return Snapshot(policy)


def suite(folder: Path, algorithm: str, amount: int) -> dict[str, Work]:
    """What a suite does, each as a thing to be done once for a number."""
    folder.mkdir()
    signer, now = keys.generate(folder / "key", algorithm), time.time()
    verifier, data = keys.load_verifier(signer.public_pem()), os.urandom(LENGTH)
    proof, snapshot = signer.sign(data), a_snapshot(signer, now)
    empty = Path()
    config = GatewayConfig(
        node_code=NODE, node_dir=empty, signing_key=empty, public_key=empty, policy_file=empty, evidence_dir=empty
    )
    tokens, checked = Tokens(os.urandom(32), config), Assertions(config, Spent(folder / "spent", 10_000_000))
    said = [assertion(signer, number, now) for number in range(amount)]
    bearer = "Bearer " + tokens.mint(CLIENT, snapshot.keys_of(CLIENT, now)[0].print, now)
    log = Log.open(folder / "log", origin=f"{NODE}/bench", signer=signer)
    batch = [os.urandom(LENGTH) for _ in range(BATCH)]

    def issue(number: int) -> str:
        client, key, _mark = checked.check(said[number], snapshot, now)
        return tokens.mint(client.client_id, key.print, now)

    return {
        "sign": lambda _: signer.sign(data),
        "verify": lambda _: verifier.verify(proof, data),
        "token": issue,
        "checkpoint_of_512": lambda _: log.append(batch),
        "next_call": lambda _: tokens.client(bearer, snapshot, now),
    }


def bare() -> dict[str, dict[str, Work]]:
    """The libraries alone."""
    data = os.urandom(LENGTH)
    one = Ed25519PrivateKey.generate()
    its, signed = one.public_key(), one.sign(data)
    two, how = tongsuo_curves.generate_private_key(tongsuo_curves.SM2()), tongsuo_curves.ECDSA(tongsuo_hashes.SM3())
    other, proof = two.public_key(), two.sign(data, how)
    return {
        ED25519: {"sign": lambda _: one.sign(data), "verify": lambda _: its.verify(signed, data)},
        SM2: {"sign": lambda _: two.sign(data, how), "verify": lambda _: other.verify(proof, data, how)},
    }


def measured(work: Work, numbers: range) -> tuple[float, float]:
    """Microseconds for one, by the clock and by the processor."""
    begun, busy = time.perf_counter(), time.process_time()
    for number in numbers:
        work(number)
    count = len(numbers)
    return (time.perf_counter() - begun) / count * 1e6, (time.process_time() - busy) / count * 1e6


def compare(folder: Path, rounds: int, amount: int) -> dict[str, Any]:
    suites = {algorithm: suite(folder / algorithm, algorithm, rounds * amount) for algorithm in (ED25519, SM2)}
    limits = bare()
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for turn in range(rounds):
        for algorithm, works in suites.items():
            for name, work in (*works.items(), *((f"bare_{name}", one) for name, one in limits[algorithm].items())):
                count = max(1, amount // 20) if name == "checkpoint_of_512" else amount
                numbers = range(turn * amount, turn * amount + count)
                found.setdefault((algorithm, name), []).append(measured(work, numbers))
    told = {
        algorithm: {
            name: {
                "us": round(statistics.median(one for one, _ in times), 1),
                "processor_us": round(statistics.median(one for _, one in times), 1),
            }
            for (of, name), times in found.items()
            if of == algorithm
        }
        for algorithm in suites
    }
    load = [round(one, 2) for one in os.getloadavg()]
    scale = {"rounds": rounds, "each": amount, "bytes": LENGTH, "cores": os.cpu_count(), "load": load}
    names = [name for name in told[SM2] if not name.startswith("bare_")]
    times = {name: round(told[SM2][name]["processor_us"] / told[ED25519][name]["processor_us"], 2) for name in names}
    limit = {of: {name.removeprefix("bare_"): one for name, one in told[of].items() if name.startswith("bare_")} for of in told}
    return {
        "claim": CLAIM,
        "scale": scale,
        "ours": {name: told[SM2][name] for name in names},
        "peers": {"ed25519_suite": {name: told[ED25519][name] for name in names}},
        "limit": limit,
        "ratios": {"sm2_of_ed25519_by_processor": times},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of each, three rounds")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    quick = parser.parse_args().quick
    with scratch("signatures") as folder:
        found = compare(folder, rounds=3 if quick else 7, amount=200 if quick else 1_000)
        print(json.dumps(found, ensure_ascii=False, indent=None if quick else 2))


if __name__ == "__main__":
    main()
