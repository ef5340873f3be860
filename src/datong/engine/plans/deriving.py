# SPDX-License-Identifier: Apache-2.0
"""Derived tables: what a grant may see of a lake table, as one statement, and the digest of equal policies.

Kept here: row rules and masks are the very expressions of look-ups over the same stored values; an item granted as it
is keeps its type, a masked one is text; no column of origin and no comment goes along. Policies that let the same out
have the same digest, so their grants share a table; hash and format masks are keyed by the grant, so their tables never are.
"""

import hashlib
import hmac

from datong.engine.base import Dialect, Schema
from datong.engine.errors import ItemNotGranted
from datong.engine.plans import masking, serving
from datong.engine.plans.lookup import TABLE, Access, bound_rules, rules
from datong.engine.plans.values import Stored
from datong.kernel import canonical

FORMAT = "datong-derived/1"
KEY = "_key"
_HELD = "_held"


def select(access: Access, schema: Schema, landed: str, sql: Dialect, *, keyed: bool = False) -> tuple[str, tuple[Stored, ...]]:
    """Give the statement and the values it is bound to.

    Args:
        access: What the grant may see.
        schema: The columns of the lake table.
        landed: Name under which the lake table stands.
        sql: Words of the engine.
        keyed: Give the key of each row as it is besides, as `_key0`, `_key1` …: to match rows by, never to let out.

    Raises:
        ItemNotGranted: The grant names no item of the resource.
        Malformed: The grant gives own cases only: no table can be made of that.
        Unsupported: The engine has no word for a mask.
    """
    readable, bound = check(access, schema)
    quoted, words = sql.identifier, masking.words(sql, access.mask_key)
    held = ", ".join(f"{quoted(name)} as {quoted(_HELD + str(place))}" for place, name in enumerate(readable))
    stored = serving.stored(schema, landed, sql).sql.removesuffix(f" from {landed}")
    shown = ", ".join(f"{_shown(access, name, place, words, sql)} as {quoted(name)}" for place, name in enumerate(readable))
    ruled = rules(access, lambda name: f"{TABLE}.{quoted(name)}")
    where = f" where {ruled}" if ruled else ""
    for place, name in enumerate(schema.keys if keyed else ()):
        held += f", {quoted(name)} as {quoted(KEY + str(place))}"
        shown += f", {TABLE}.{quoted(KEY + str(place))}"
    return f"select {shown} from ({stored}, {held} from {landed}) as {TABLE}{where}", bound


def check(access: Access, schema: Schema) -> tuple[tuple[str, ...], tuple[Stored, ...]]:
    """Give the items a table of a policy has, and the values its rules are bound to.

    Raises:
        ItemNotGranted, Malformed: No table can be made of it.
    """
    readable = tuple(name for name in access.readable if name in schema.fields)
    if not readable:
        raise ItemNotGranted("the grant names no item of this resource", remedy="ask for items in a new request")
    return readable, bound_rules(access, "")


def policy_digest(access: Access, schema: Schema) -> str:
    """Hash what a policy lets out of a schema: 32 hexadecimal digits, alike for all policies that let out the same."""
    keyed = any(mask.keyed for mask in access.granted.values())
    said = {
        "format": FORMAT,
        "columns": [[one.field, one.type.value, one.scale] for one in schema.columns],
        "items": [[name, str(access.granted[name])] for name in access.readable],
        "rows": sorted([rule.field, rule.op, *sorted(rule.values)] for rule in access.rows),
        "key": hmac.new(access.mask_key, FORMAT.encode(), hashlib.sha256).hexdigest() if keyed else "",
    }
    return hashlib.sha256(canonical.dumps(said)).hexdigest()[:32]


def _shown(access: Access, name: str, place: int, words: masking.Words, sql: Dialect) -> str:
    mask = access.granted[name]
    if mask.kind == "none":
        return f"{TABLE}.{sql.identifier(_HELD + str(place))}"
    return masking.masked(mask, f"{TABLE}.{sql.identifier(name)}", access.columns[name], words)
