# SPDX-License-Identifier: Apache-2.0
"""A batch of verifications: thousands of questions in one call, answered in the order asked.

Kept here: a batch is answered whole or refused whole. It refuses what its questions alone would be refused for, and says
which one that is: each is then asked by itself. Questions of one shape (the same items named) run as one statement.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from datong.engine.backends.index import ServingIndex
from datong.engine.plans.batching import Batch, compile_batch
from datong.engine.plans.lookup import Access, compile_verify
from datong.gateway.questions import LONGEST_VALUE, Asked, Scalar, check_asked
from datong.gateway.refusals import TooLarge
from datong.kernel.errors import DatongError, Malformed

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
KINDS: Final = (LINES, JSON)
Shape = tuple[tuple[str, ...], tuple[str, ...]]

_lists = msgspec.json.Decoder(list[Asked])
_lines = msgspec.json.Decoder(Asked)
_encoder = msgspec.json.Encoder()


def read(raw: bytes, kind: str, most: int) -> list[Asked]:
    """Read the questions of a body, in order.

    Args:
        raw: the body.
        kind: its media type, one of `KINDS`.
        most: how many there may be.

    Raises:
        Malformed: no question, or one that is none; names its number, from 1.
        TooLarge: too many.
    """
    try:
        found = _lists.decode(raw) if kind == JSON else _lines.decode_lines(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _unreadable(raw, kind) from None
    if not found:
        raise Malformed("the batch asks nothing", fields={"body": f"1 to {most} questions"})
    if len(found) > most:
        raise TooLarge("the batch asks too much at once", fields={"body": f"at most {most} questions"})
    return found


def compiled(access: Access, asked: Sequence[Asked], case: str) -> list[Batch]:
    """Compile the questions, those of one shape together.

    Raises:
        ItemNotGranted, FilterNotAllowed, Malformed: as for a question alone; names its number, from 1.
    """
    shapes: dict[Shape, list[int]] = {}
    for number, shape in enumerate(zip((tuple(one.key) for one in asked), (tuple(one.claims) for one in asked), strict=True)):
        shapes.setdefault(shape, []).append(number)
    try:
        return [_compiled(access, asked, shape, numbers, case) for shape, numbers in shapes.items()]
    except DatongError:
        _each(access, asked, case)
        raise


def answered(index: ServingIndex, batches: Sequence[Batch], count: int, kind: str) -> tuple[bytes, int]:
    """Run the batches.

    Returns:
        The body of the answer, and how many records were found.
    """
    lines: list[bytes] = [b""] * count
    found = 0
    for batch in batches:
        held = _Verdicts(batch.claims)
        rows = index.verify(batch)
        found += len(rows)
        missing = _verdict(dict.fromkeys(batch.claims, False), found=False)
        for number in batch.numbers:
            lines[number] = missing
        for number, bits in rows:
            lines[number] = held[bits]
    return (b"[" + b",".join(lines) + b"]" if kind == JSON else b"\n".join(lines) + b"\n"), found


class _Verdicts(dict[int, bytes]):
    """Bits of the claims to the answer they make, each written once."""

    def __init__(self, claims: tuple[str, ...]) -> None:
        super().__init__()
        self._claims = claims

    def __missing__(self, bits: int) -> bytes:
        made = self[bits] = _verdict({name: bool(bits >> at & 1) for at, name in enumerate(self._claims)}, found=True)
        return made


def _verdict(matches: Mapping[str, bool], *, found: bool) -> bytes:
    return _encoder.encode({"found": found, "matches": matches})


def _compiled(access: Access, asked: Sequence[Asked], shape: Shape, numbers: list[int], case: str) -> Batch:
    chosen = asked if len(numbers) == len(asked) else [asked[number] for number in numbers]
    check_asked(chosen[0])
    key, claims = ({name: [getattr(one, part)[name] for one in chosen] for name in names}
                   for part, names in zip(("key", "claims"), shape, strict=True))  # fmt: skip
    for values in (*key.values(), *claims.values()):
        if not _sound(values):
            for one in chosen:
                check_asked(one)
            break
    return compile_batch(access, numbers, key, claims, case)


def _sound(values: list[Scalar]) -> bool:
    """Tell whether no value needs to be looked at by itself: all are short texts without control characters."""
    try:
        return max(map(len, values)) <= LONGEST_VALUE and "".join(values).isprintable()  # type: ignore[arg-type]
    except TypeError:
        return False


def _each(access: Access, asked: Sequence[Asked], case: str) -> None:
    """Ask each question by itself, so that the one that is refused is named."""
    for number, one in enumerate(asked, 1):
        try:
            check_asked(one)
            compile_verify(access, one.key, one.claims, case)
        except DatongError as refusal:
            refusal.message = f"question {number}: {refusal.message}"
            refusal.fields = {"question": str(number), **refusal.fields}
            raise


def _unreadable(raw: bytes, kind: str) -> Malformed:
    """Say which question cannot be read."""
    number = _first_bad_line(raw) if kind == LINES else _first_bad_element(raw)
    form = 'write {"key": {field: value}, "claims": {field: value}} with plain values'
    if number is None:
        return Malformed("the body is no list of questions", fields={"body": f"a JSON array; {form}"})
    return Malformed(f"question {number}: not a question to verify", fields={"question": str(number), "body": form})


def _first_bad_line(raw: bytes) -> int:
    """Number of the first question that does not read; empty lines are none."""
    number = 0
    for line in raw.split(b"\n"):
        number += bool(line.strip())
        try:
            _lines.decode_lines(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            break
    return number


def _first_bad_element(raw: bytes) -> int | None:
    try:
        parts = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for number, part in enumerate(parts, 1):
        try:
            _lines.decode(part)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return number
    return None
