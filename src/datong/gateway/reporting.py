# SPDX-License-Identifier: Apache-2.0
"""Reports of errors by applications (809 art. 26): read, checked against the grant, handed over, and how they stand.

Kept here: who holds a grant in force on a resource, by whatever channel, may report what is wrong with it; a report names
only items that were granted. What it says enters the evidence as a hash alone, the inbox sealed.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import msgspec
import orjson

from datong.engine.errors import ItemNotGranted
from datong.gateway import asking, bodies
from datong.gateway.answers import Answer, Receive, allowing
from datong.gateway.asking import Ask
from datong.gateway.calls import Call, new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.granting import in_force
from datong.gateway.inbox import Inbox, State
from datong.gateway.refusals import check_method, unknown
from datong.gateway.snapshot import Standing
from datong.kernel.corrections import GOES_ON, RULE_51, SHOW_PROOF, Report, settle
from datong.kernel.errors import Malformed, Unknown
from datong.wire import inbox as wire

WRITING: Final = ("POST", "OPTIONS")
READING: Final = ("GET", "HEAD", "OPTIONS")
OPEN: Final = frozenset({"received", "filed", "verifying"})


class _Proof(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    number: str


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    key: dict[str, str] = {}
    item: str = ""
    found: str = ""
    expected: str = ""
    evidence: str = ""
    case: str = ""
    proof: _Proof | None = None


_bodies = msgspec.json.Decoder(_Body)


class Reports:
    """Takes reports and tells how they stand."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config, self._inbox = config, Inbox(config.dsn)

    @cached_property
    def _secret(self) -> bytes:
        return wire.secret(self._config.signing_key)

    def close(self) -> None:
        """Let go of PostgreSQL."""
        self._inbox.close()

    async def answer(self, call: Call, standings: Sequence[Standing], ask: Ask, receive: Receive) -> Answer:
        """Answer one call to the place of reports.

        Raises:
            Unknown: no grant of the caller's on the resource, or no such report of the caller's.
            MethodNotAllowed, Hindered: not this way, or no grant in force.
            Malformed, ItemNotGranted: the report does not fit.
            InboxUnavailable, TooManyReports: it cannot be put down now.
        """
        if not standings:
            raise unknown()
        allowed = READING if call.reference else WRITING
        check_method(call.method, allowed)
        if call.method == "OPTIONS":
            return allowing(allowed)
        if call.reference:
            return await self._state(call)
        standing = in_force(standings, ask.grant, call.now)[0]  # who uses data by any channel may report what is wrong
        call.record.grant, call.record.version = standing.grant.number, standing.resource.version
        bodies.check_kind(ask.content_type, "application/json")
        call.body = await bodies.read(receive, ask.content_length, self._config.limits)
        return await self._taken(call, standing, report_of(call.body, standing))

    async def _taken(self, call: Call, standing: Standing, report: Report) -> Answer:
        record = call.record
        record.items = [report.item] if report.item else []
        letter = wire.Letter(
            reference=new_id(), at=record.at, client=record.client, department=record.department,
            resource=record.resource, version=standing.resource.version, grant=standing.grant.number, report=report,
        )  # fmt: skip
        sealed = wire.seal(letter, self._secret)
        reference = await self._inbox.put(letter, sealed, wire.digest(letter, self._secret))
        place = f"/v1/resources/{record.resource}/corrections/{reference}"
        told = {"reference": reference, "state": "received", "href": place} | _case(
            "received", has_case=bool(report.case), has_proof=bool(report.proof_kind)
        )
        return Answer(202, orjson.dumps(told), headers=((b"location", place.encode()),))

    async def _state(self, call: Call) -> Answer:
        record = call.record
        found = await self._inbox.state(call.reference, record.client, record.resource)
        if found is None:
            raise Unknown("no such report, or none of yours", remedy="take the reference from the answer to your report")
        return Answer(200, orjson.dumps(self._told(call.reference, found)))

    def _told(self, reference: str, found: State) -> dict[str, Any]:
        state = found.stage or ("refused" if found.problem else "received")
        has_case, has_proof = bool(found.has_case), bool(found.has_proof)
        if found.stage is None and found.sealed:
            said = wire.unseal(bytes(found.sealed), reference, self._secret).report
            has_case, has_proof = bool(said.case), bool(said.proof_kind)
        told = {
            "reference": reference,
            "state": state,
            "received_at": found.at,
            "number": found.number,
            "due": found.due,
            "problem": found.problem,
            "opinion": found.opinion or "",
            "answered_at": found.answered_at,
            "corrected_batch": found.corrected_batch,
            "corrected_version": found.corrected_version,
        }
        return told | _case(state, has_case=has_case, has_proof=has_proof)


def report_of(raw: bytes, standing: Standing) -> Report:
    """Read a report and check that it names only what was granted.

    Raises:
        Malformed: naming the fields.
        ItemNotGranted: an item outside the grant, or none of the resource's.
    """
    try:
        body = _bodies.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed(
            "the body is not a report of an error",
            fields={"body": 'write {"kind": "data", "key": {field: value}, "item": field, "found": …, "expected": …}'},
        ) from None
    proof = body.proof or _Proof("", "")
    said = settle(
        Report(
            kind=body.kind,
            key=body.key,
            item=body.item,
            found=body.found,
            expected=body.expected,
            evidence=body.evidence,
            case=body.case,
            proof_kind=proof.kind,
            proof_number=proof.number,
        )
    )
    _check_places(said, standing)
    return said


def _check_places(said: Report, standing: Standing) -> None:
    keys = standing.resource.keys
    if said.item and said.item not in {*standing.fields, *keys}:
        shown = asking.shown(said.item)
        raise ItemNotGranted(f"the grant does not give {shown}", fields={"item": "not granted"}, remedy="report on what you get")
    if said.key and set(said.key) != set(keys):
        raise Malformed("the key is not the whole key", fields={"key": ", ".join(keys) or "this resource has no key"})


def _case(state: str, *, has_case: bool, has_proof: bool) -> dict[str, Any]:
    """Whether a case at the window goes on meanwhile (国发〔2016〕51号 art. 14)."""
    waits = has_case and not has_proof and state in OPEN
    if not has_case and not has_proof:
        return {"case_continues": True, "case_says": "", "case_rule": ""}
    return {"case_continues": not waits, "case_says": SHOW_PROOF if waits else GOES_ON if has_proof else "", "case_rule": RULE_51}
