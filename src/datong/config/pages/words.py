# SPDX-License-Identifier: Apache-2.0
"""Words for what only has a code: tags of acts, names of logs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ACTS: dict[str, Any] = {
    "audit.evidence.verified": _("校验留痕"),
    "catalog.entry.compiled": _("编制目录"),
    "catalog.entry.edited": _("修改目录"),
    "catalog.entry.filed": _("报送目录"),
    "catalog.entry.consented": _("负责人同意目录"),
    "catalog.entry.returned": _("退回目录"),
    "catalog.entry.published": _("发布目录"),
    "catalog.entry.superseded": _("目录被新版本取代"),
    "catalog.entry.withdrawn": _("撤销目录"),
    "sharing.request.drafted": _("起草申请"),
    "sharing.request.edited": _("修改申请"),
    "sharing.request.filed": _("提交申请"),
    "sharing.request.endorsed": _("本部门负责人同意申请"),
    "sharing.request.returned": _("退回申请补正"),
    "sharing.request.granted": _("同意共享"),
    "sharing.request.refused": _("不同意共享"),
    "sharing.request.withdrawn": _("撤回申请"),
    "sharing.grant.made": _("签发授权"),
    "sharing.grant.suspended": _("暂停授权"),
    "sharing.grant.resumed": _("恢复授权"),
    "sharing.grant.revoked": _("撤销授权"),
    "sharing.grant.expired": _("授权到期"),
}
LOGS: dict[str, Any] = {"acts": _("操作留痕"), "gateway-0": _("调用留痕")}
MASKS: dict[str, Any] = {"none": _("原值"), "redact": _("不显示"), "hash": _("替换为化名"), "year": _("只留年份")}
