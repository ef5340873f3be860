# SPDX-License-Identifier: Apache-2.0
"""History: any version of a resource someone may see, and what changed between two of them."""

from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.domain.diffs import Diff, diff
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.queries.entries import history
from datong.contexts.catalog.queries.views import as_draft
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


def versions(code: str, *, by: Officer) -> list[Version]:
    """Give the versions of a resource that someone sees, newest first.

    Raises:
        Unknown: There is no such resource, or none visible.
    """
    found = list(history(code, by=by))
    if not found:
        raise Unknown("没有此信息资源 (there is no such resource)")
    return found


def numbered(code: str, number: int, *, by: Officer) -> Version:
    """Give one version of a resource by its number, class and provider at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = history(code, by=by).select_related("resource__class_node")
    found = rows.filter(number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise Unknown("没有此目录版本 (there is no such version)")
    return found


def compare(code: str, old: int, new: int, *, by: Officer) -> tuple[Version, Version, Diff]:
    """Give two versions of a resource and what changed from the first to the second.

    Raises:
        Unknown: One of them is not there, or not visible.
    """
    before, after = numbered(code, old, by=by), numbered(code, new, by=by)
    return before, after, diff(as_draft(before), as_draft(after))


def pair(row: Version, *, by: Officer) -> tuple[Version, Diff] | None:
    """Give the version that a draft or a reviewed version would replace, and what it changes; None for a first version."""
    rows = history(row.resource.code, by=by).select_related("resource__class_node").filter(number__lt=row.number)
    before = rows.filter(stage=Stage.PUBLISHED).first() or rows.filter(published_at__isnull=False).first()
    return (before, diff(as_draft(before), as_draft(row))) if before else None
