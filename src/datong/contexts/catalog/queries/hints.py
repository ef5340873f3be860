# SPDX-License-Identifier: Apache-2.0
"""四性 hints: unique, complete, related, well phrased, as far as a query can tell."""

from datong.contexts.catalog.domain import Hint, Quality
from datong.contexts.catalog.domain.entries import missing
from datong.contexts.catalog.models import Item, Resource, Version
from datong.contexts.catalog.queries.views import as_draft

SHORT_ABSTRACT = 12
"""Characters."""


def review_hints(row: Version) -> list[Hint]:
    """Compute what can be computed of 四性 for the authority; a person decides."""
    lacking = missing(as_draft(row))
    codes = set(row.related)
    known = set(Resource.objects.filter(code__in=codes).values_list("code", flat=True))
    items = list(row.items.all())
    return [
        _unique(row),
        Hint(Quality.COMPLETE, not lacking, "必填元数据齐全" if not lacking else "缺少: " + "、".join(lacking)),
        Hint(Quality.RELATED, codes <= known, _related(codes, known)),
        _well_phrased(row, items),
    ]


def _unique(row: Version) -> Hint:
    others = Resource.objects.filter(withdrawn_at=None).exclude(pk=row.resource_id).filter(name__iexact=row.name)
    own = others.filter(provider=row.resource.provider_id).values_list("code", flat=True)[:5]
    if own:
        return Hint(Quality.UNIQUE, ok=False, message=f"本部门已有同名目录: {'、'.join(own)}")
    elsewhere = others.values_list("code", flat=True)[:5]
    if elsewhere:
        return Hint(Quality.UNIQUE, ok=False, message=f"其他部门已有同名目录，请核对数源: {'、'.join(elsewhere)}")
    return Hint(Quality.UNIQUE, ok=True, message="没有同名目录")


def _related(codes: set[str], known: set[str]) -> str:
    if codes - known:
        return "关联资源代码不存在: " + "、".join(sorted(codes - known))
    return f"关联 {len(codes)} 个资源" if codes else "未填写关联资源"


def _well_phrased(row: Version, items: list[Item]) -> Hint:
    faults = []
    if len(row.abstract) < SHORT_ABSTRACT:
        faults.append("摘要过短")
    if row.abstract and row.abstract.strip() == row.name.strip():
        faults.append("摘要与名称相同")
    plain = [item.name for item in items if item.name == item.field]
    if plain:
        faults.append(f"数据项没有中文名称: {'、'.join(plain[:5])}")
    if items and not any(item.key for item in items):
        faults.append("没有主键数据项")
    return Hint(Quality.WELL_PHRASED, not faults, "；".join(faults) or "名称、摘要、数据项表述规范")
