# SPDX-License-Identifier: Apache-2.0
"""Words for what only has a code: tags of acts, names of logs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ACTS: dict[str, Any] = {
    "audit.evidence.verified": _("校验留痕"),
    "catalog.entry.compiled": _("编制目录"),
    "catalog.entry.revised": _("修改目录"),
    "catalog.entry.secret_refused": _("拒绝涉密内容"),
    "catalog.class.added": _("增设目录分类"),
    "catalog.classes.seeded": _("装入国家目录分类"),
    "catalog.entry.filed": _("报送目录"),
    "catalog.entry.consented": _("负责人同意目录"),
    "catalog.entry.returned": _("退回目录"),
    "catalog.entry.published": _("发布目录"),
    "catalog.entry.superseded": _("目录被新版本取代"),
    "catalog.entry.withdrawn": _("撤销目录"),
    "periods.clock.reminded": _("到期提醒"),
    "periods.clock.overdue": _("超期督办"),
    "periods.clock.urged": _("人工督办"),
    "periods.notice.settled": _("处理通知"),
    "sharing.request.drafted": _("起草申请"),
    "sharing.request.revised": _("修改申请"),
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
    "sharing.grant.delivered": _("首次供数"),
    "exchange.source.attached": _("挂接数据"),
    "exchange.batch.queued": _("装载排队"),
    "exchange.batch.started": _("开始装载"),
    "exchange.batch.landed": _("装载完成"),
    "exchange.batch.failed": _("装载失败"),
    "organisations.session.opened": _("登录"),
    "organisations.session.closed": _("退出登录"),
    "organisations.session.refused": _("登录被拒"),
    "organisations.password.changed": _("修改密码"),
    "organisations.password.reset": _("重置密码"),
    "organisations.totp.enrolled": _("开始启用动态口令"),
    "organisations.totp.confirmed": _("启用动态口令"),
    "organisations.account.created": _("创建账号"),
    "organisations.account.locked": _("账号锁定"),
    "organisations.account.suspended": _("停用账号"),
    "organisations.account.restored": _("恢复账号"),
    "organisations.role.appointed": _("授予角色"),
    "organisations.role.dismissed": _("收回角色"),
    "organisations.department.created": _("新增部门"),
    "organisations.regions.seeded": _("装入行政区划"),
    "organisations.calendar.imported": _("导入工作日历"),
    "organisations.application.registered": _("登记应用系统"),
    "organisations.application.key_rotated": _("更换应用密钥"),
    "organisations.application.suspended": _("停用应用系统"),
    "organisations.application.restored": _("恢复应用系统"),
}
LOGS: dict[str, Any] = {"acts": _("操作留痕"), "gateway-0": _("调用留痕")}
MASKS: dict[str, Any] = {"none": _("原值"), "redact": _("不显示"), "hash": _("替换为化名"), "year": _("只留年份")}
