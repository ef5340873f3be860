# SPDX-License-Identifier: Apache-2.0
"""Divisions and departments: seeded from the published list, created by the system administrator."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import queries
from datong.contexts.organisations.domain import ROOT, DepartmentView, Kind, RegionView
from datong.contexts.organisations.models import Department, Region
from datong.contexts.organisations.permissions import check_administers
from datong.kernel import identifiers, texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Conflict, DatongError, Malformed

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@transaction.atomic
def seed_regions(*, by: Officer = SYSTEM) -> int:
    """Load the shipped list of divisions; a second time changes nothing.

    Returns:
        How many divisions were added or changed. None is taken away: departments may stand on them.
    """
    check_administers(by)
    document = json.loads((SEEDS / "regions.json").read_text("utf-8"))
    wanted = [ROOT] + [
        RegionView(one["code"], one["name"], one["parent"] or ROOT.code, one["level"]) for one in document["regions"]
    ]
    fresh = set(wanted) - set(queries.region_tree())
    rows = [Region(code=one.code, name=one.name, parent_id=one.parent or None, level=one.level) for one in fresh]
    Region.objects.bulk_create(
        rows, batch_size=1000, update_conflicts=True, unique_fields=["code"], update_fields=["name", "parent", "level"]
    )
    if fresh:
        facts = {"divisions": len(fresh), "as_of": str(document.get("as_of", ""))}
        audit.record("organisations.regions.seeded", by=by, subject="regions", facts=facts)
    return len(fresh)


@transaction.atomic
def create_department(
    uscc: str, name: str, *, by: Officer, region: str, short_name: str = "", kind: str = Kind.DEPARTMENT, parent: str = ""
) -> DepartmentView:
    """Create a department.

    Args:
        uscc: Unified social credit code, its key from now on.
        name: Full name, unique.
        by: A system administrator.
        region: Division it serves (块).
        short_name: Name for narrow places; the full name when empty.
        kind: One of `Kind`.
        parent: USCC of its superior in the line (条), "" for none.

    Raises:
        Malformed: A field out of shape, an unknown division or superior; all of them at once.
        Conflict: USCC or name are taken.
        Refused: Not the system administrator.
    """
    check_administers(by)
    row = _checked(uscc, name, short_name, region, kind, parent)
    taken = Department.objects.filter(pk=row.uscc).exists(), Department.objects.filter(name=row.name).exists()
    fields = {field: "taken" for field, is_taken in zip(("uscc", "name"), taken, strict=True) if is_taken}
    if fields:
        raise Conflict("there is such a department already", fields=fields)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict("there is such a department already", fields={"name": "taken"}) from None
    facts = {"name": row.name, "region": row.region_id, "kind": row.kind, "parent": row.parent_id or ""}
    audit.record("organisations.department.created", by=by, subject=row.uscc, facts=facts)
    return queries.department(row.uscc)


def _checked(uscc: str, name: str, short_name: str, region: str, kind: str, parent: str) -> Department:
    """Check every field and tell all that is wrong at once (一次性告知)."""
    checks = {
        "uscc": lambda: identifiers.check_uscc(uscc.strip()),
        "name": lambda: texts.line("name", name, longest=100, least=2),
        "short_name": lambda: texts.line("short_name", short_name, longest=50, least=0),
        "region": lambda: queries.region(region).code,
        "kind": lambda: Kind(kind).value,
        "parent": lambda: queries.department(parent.strip().upper()).uscc if parent else None,
    }
    values, wrong = {}, {}
    for field, check in checks.items():
        try:
            values[field] = check()
        except DatongError as error:
            wrong[field] = error.fields.get(field, error.message)
        except ValueError:
            wrong[field] = f"one of {', '.join(Kind)}"
    if wrong:
        raise Malformed("the department cannot be created like this", fields=wrong)
    values["short_name"] = values["short_name"] or values["name"][:50]
    return Department(region_id=values.pop("region"), parent_id=values.pop("parent"), **values)
