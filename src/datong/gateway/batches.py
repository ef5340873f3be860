# SPDX-License-Identifier: Apache-2.0
"""A batch of verifications: thousands of questions in one call, answered in the order asked.

Kept here: a batch is answered whole or refused whole. It refuses what its questions alone would be refused for, and says
which one that is: each is then asked by itself. Questions of one shape (the same items named) run as one statement.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from datong.engine.backends.index import ServingIndex
from datong.engine.plans.batching import UNSEEN, Batch, compile_batch
from datong.engine.plans.lookup import Access, compile_verify
from datong.gateway.asking import MAX_FIELDS
from datong.gateway.columns import Column, Questions, Shape, alike, laid_out
from datong.gateway.questions import LONGEST_VALUE, Asked, check_asked
from datong.gateway.refusals import TooLarge
from datong.kernel.errors import DatongError, Malformed

JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
KINDS: Final = (LINES, JSON)

ABSURD: Final = 1_000
"""Items named by one question; of fewer it is said in order which question is refused."""
_lists = msgspec.json.Decoder(list[Asked])
_lines = msgspec.json.Decoder(Asked)
_encoder = msgspec.json.Encoder()


def read(raw: bytes, kind: str, most: int) -> Questions:
    """Read the questions of a body.

    Args:
        raw: the body.
        kind: its media type, one of `KINDS`.
        most: how many there may be.

    Raises:
        Malformed: no question, or one that is none; names its number, from 1.
        TooLarge: too many.
    """
    found = alike(raw, lines=kind == LINES)
    if found is None:
        asked = _one_by_one(raw, kind)
        _check_many(len(asked), most)
        return laid_out(asked)
    _check_many(len(found), most)
    return found


def _check_many(count: int, most: int) -> None:
    if not count:
        raise Malformed("the batch asks nothing", fields={"body": f"1 to {most} questions"})
    if count > most:
        raise TooLarge("the batch asks too much at once", fields={"body": f"at most {most} questions"})


def _one_by_one(raw: bytes, kind: str) -> list[Asked]:
    """Read the questions one after the other; one that names thousands of items is refused before anything is made of it."""
    try:
        asked = _lists.decode(raw) if kind == JSON else _lines.decode_lines(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _unreadable(raw, kind) from None
    for number, one in enumerate(asked, 1):
        if len(one.key) + len(one.claims) > ABSURD:
            raise named(Malformed("the question names too much", fields={"body": f"1 to {MAX_FIELDS} fields"}), number)
    return asked


def compiled(access: Access, asked: Questions, case: str) -> list[Batch]:
    """Compile the questions, those of one shape together.

    Raises:
        ItemNotGranted, FilterNotAllowed, Malformed: as for a question alone; names its number, from 1.
    """
    try:
        return [_compiled(access, shape, case) for shape in asked.shapes]
    except DatongError:
        _each(access, asked.each(), case)
        raise


def answered(index: ServingIndex, batches: Sequence[Batch], count: int, kind: str) -> tuple[bytes, int]:
    """Run the batches.

    Returns:
        The body of the answer, and how many records were found.
    """
    lines: list[bytes] = []
    found = 0
    for batch in batches:
        codes = index.verify(batch)
        found += len(codes) - codes.count(UNSEEN)
        verdicts = list(map(_Verdicts(batch.claims).__getitem__, codes))
        if len(batches) == 1:
            lines = verdicts
            break
        lines = lines or [b""] * count
        for number, verdict in zip(batch.numbers, verdicts, strict=True):
            lines[number] = verdict
    return joined(lines, kind), found


def joined(lines: Sequence[bytes], kind: str) -> bytes:
    """The body of an answer of some verdicts."""
    return b"[" + b",".join(lines) + b"]" if kind == JSON else b"\n".join(lines) + b"\n"


def named(refusal: DatongError, number: int) -> DatongError:
    """A refusal that names its question, counted from 1."""
    refusal.message = f"第 {number} 问：{refusal.message} (question {number})"
    refusal.fields = {"question": str(number), **refusal.fields}
    return refusal


class _Verdicts(dict[str, bytes]):
    """What an index says of a question to the answer it makes, each written once."""

    def __init__(self, claims: tuple[str, ...]) -> None:
        super().__init__()
        self._claims = claims

    def __missing__(self, code: str) -> bytes:
        found, bits = code != UNSEEN, max(int(code), 0)
        made = self[code] = _verdict({name: bool(bits >> at & 1) for at, name in enumerate(self._claims)}, found=found)
        return made


def _verdict(matches: Mapping[str, bool], *, found: bool) -> bytes:
    return _encoder.encode({"found": found, "matches": matches})


def _compiled(access: Access, shape: Shape, case: str) -> Batch:
    check_asked(next(shape.each())[1])
    if not all(map(_sound, (*shape.key.values(), *shape.claims.values()))):
        for _, one in shape.each():
            check_asked(one)
    return compile_batch(access, shape.numbers, shape.key, shape.claims, case)


def _sound(values: Column) -> bool:
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
            named(refusal, number)
            raise


def _unreadable(raw: bytes, kind: str) -> Malformed:
    """Say which question cannot be read."""
    number = _first_bad_line(raw) if kind == LINES else _first_bad_element(raw)
    form = 'write {"key": {field: value}, "claims": {field: value}} with plain values'
    if number is None:
        return Malformed("the body is no list of questions", fields={"body": f"a JSON array; {form}"})
    said = f"第 {number} 问不是核验问题 (question {number} is not a question to verify)"
    return Malformed(said, fields={"question": str(number), "body": form})


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
