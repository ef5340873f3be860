# SPDX-License-Identifier: Apache-2.0
"""The half of a sentence its reader understands, for pages and for problems of the API alike.

Kept here: most refusals are said in both languages at once: “名称必填 (give the name)”. Kernel, ledger and
organisations speak English only, for programs read them too; their Chinese stands here. Such a sentence is matched
whole; what is captured stands in the Chinese one by number.
"""

from __future__ import annotations

import re

from django.utils.translation import get_language, gettext

BILINGUAL = re.compile(r"^(?P<zh>.*[\u4e00-\u9fff].*?) ?\((?P<en>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*$", re.DOTALL)
LISTED = re.compile(r"^(?P<zh>[^()]*[\u4e00-\u9fff][^()]*?) ?\((?P<en>[^()]+)\): ?(?P<tail>.+)$", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]")

_SAID: dict[str, str] = {
    # kernel
    r"one account cannot hold .* \((.+)\)": "同一账号不能兼任{0}",
    "exclusive roles": "互斥的角色",
    "give the roles to different accounts": "分别授予不同的账号",
    (
        r"(?:entry|request|grant|demand|responsibility|disposal|change|step|policy|extension of|period of|dispute|complaint"
        r"|delivery|batch) (\S+) cannot go from \S+ to \S+"
    ): "{0} 现在的状态不能这样办理，可能已有他人办理",
    r"from \S+ may follow .*": "刷新页面，按最新状态办理",
    r"now \S+": "状态已变化",
    r"[a-z_]+ is missing": "此项必填",
    "at least 1 characters": "此项必填",
    r"at least (\d+) characters": "至少{0}个字符",
    r"[a-z_]+ is too long": "内容过长",
    r"at most (\d+) characters": "最多{0}个字符",
    r"[a-z_]+ holds a character that cannot be shown \(U\+(\w+) at place (\d+)\)": "第{1}个字符不能显示（U+{0}）",
    r"remove character (\d+) \(U\+\w+\)": "删去第{0}个字符",
    r".* is not a mask": "不是可用的给法",
    r"write it as 2026-01-31T08:00:00Z": "写作 2026-01-31，或者 2026-01-31T08:00:00Z",
    # ledger
    "not a receipt": "这不是回执",
    "a receipt is base64url text": "回执是一串字母、数字、横线和下划线",
    "a receipt of a form unknown here": "这种格式的回执不认识",
    "the receipt is cut short": "回执不完整，请整串粘贴",
    "the receipt is cut short or has something behind it": "回执不完整或多了内容，请整串粘贴",
    "a text in the receipt is not UTF-8": "回执内容已损坏",
    r"a receipt has at most (\d+) characters": "回执最多{0}个字符",
    r"this is not record (\d+) of .*": "内容与第{0}号记录不符",
    r"leaf (\d+) is not in the tree of (\d+) with this root": "第{0}号记录不在当时的{1}条记录之中",
    r"not signed by key (\w+)": "签名不是密钥 {0} 所签",
    r"signed by key (\w+), not by (\w+)": "由密钥 {0} 签名，不是 {1}",
    r"record (\d+): .*": "第{0}号记录已被改动",
    r"record (\d+) is damaged": "第{0}号记录已损坏",
    r"record (\d+) is missing": "缺少第{0}号记录",
    r"records (\d+) to (\d+) are missing": "缺少第{0}至{1}号记录",
    r"the first (\d+) records do not lead to the signed root": "前{0}条记录算不出签过名的树根",
    r"the log (\S+) is missing: .*": "日志 {0} 不见了：此前签名的检查点记有它",
    r"the series ends before node checkpoint (\d+), but number (\d+) .*": "节点检查点只到第{0}号之前，而外部存有第{1}号",
    r"node checkpoint (\d+) is another one than .*": "第{0}号节点检查点与外部保存的不同：检查点序列被换过",
    r"node checkpoint (\d+)(?: cannot be trusted)?: .*": "第{0}号节点检查点不可信：被改过或不相接",
    r"stamp (\d+): .*": "第{0}个时间戳不可信：被改过、不是这个检查点的，或根证书不能证明",
    r"the time stamps are damaged: .*": "时间戳文件已损坏",
    r"the certificate of the time stamp leads to none .*": "时间戳的证书不出自所给的根证书，或当时无效",
    "the time stamp is over something else": "时间戳盖的是别的内容",
    r"the certificate (?:of the time stamp is not for time stamps(?: alone)?|that the time stamp names is not in it)": (
        "时间戳的证书不在其中，或不是专供时间戳用的"
    ),
    r"the time stamp was changed: .*|the signature of the time stamp is over something else": "时间戳被改过：签名不成立",
    r"the time stamp (?:cannot be read|is signed in a way unknown here)": "时间戳无法读取，或签名方式不认识",
    "the roots of the time-stamping authority cannot be read": "时间戳服务的根证书无法读取",
    r"the log ends before record (\d+), but .* says there are (\d+)": "日志到第{0}号记录前就断了，本应有{1}条",
    r"(.+) are not those that were signed by .*": "{0} 与签名时不一致",
    r"(.+) is .*: it was changed": "{0} 已被改动",
    r"no evidence can be written to .*": "留痕写不进去，暂停办理",
    r"evidence cannot be written: .*": "留痕写不进去，暂停办理",
    r"no checkpoint of size (\d+) was signed": "没有记录数为{0}的签名检查点",
    r"the next one is of size (\d+)": "下一个检查点的记录数是{0}",
    r"at most (\d+)": "最多 {0}",
    r"there is no record (\d+) among the first (\d+)": "前{1}条记录里没有第{0}号",
    r"the log of (.+) is empty: nothing is signed yet": "日志 {0} 还没有记录",
    r"proofs of (.+) are being prepared: (\d+) of (\d+) records": "日志 {0} 的证明正在准备：{2} 条里已备好 {1} 条",
    r"a log of (\d+) has no beginning of (\d+)": "{0}条记录的日志没有{1}条的前身",
    r"the log of (.+) is damaged: .*": "日志 {0} 已损坏",
    "run `datong ledger verify`": "运行 datong ledger verify 查明是哪一条",
    "the evidence is verified by the auditor, the authority or the security officer":
        "留痕由安全审计员、主管部门或安全保密员校验",
    "ask one of them, or verify a copy offline: datong ledger verify":
        "请其中一方办理，或拷走副本离线校验：datong ledger verify",
    "try again": "请稍后再试",
    # gateway
    "the client assertion does not hold": "签名不成立：私钥与登记的公钥不是一对，或者应用系统已停用",
    "the client assertion is not valid yet": "签名的生效时间还没到，核对这台电脑的时钟",
    r"the client assertion has expired, .*": "签名已过期，核对这台电脑的时钟后再试",
    # organisations
    r"a sign-in name has .*": "账号不符合要求",
    r"3 to 64 .*": "小写字母开头，可含数字、点、横线、下划线，3至64位",
    "this sign-in name stands for the node itself": "这个账号名留给节点自己",
    r"(.+) acts for a department and this account has none": "{0}须属于部门，而此账号不属于任何部门",
    "the account has no department": "此账号不属于部门",
    "use an account of a department": "换用属于部门的账号",
    "departments, accounts and roles are managed by the system administrator": "部门、账号和角色由系统管理员管理",
    r"ask the (.+)": "请{0}办理",
    r"ask one of (.+)": "请{0}办理",
    "nobody changes the roles of the own account": "不能改自己的角色",
    "ask another system administrator": "请另一位系统管理员办理",
    "nobody suspends or restores the own account": "不能停用或恢复自己的账号",
    r"applications are kept by (.+) of their department": "应用系统由本部门的{0}管理",
    "a suspended application is restored by the security officer": "停用的应用系统由安全保密员恢复",
    "the working calendar is kept by the authority or the system administrator": "工作日历由主管部门或系统管理员维护",
    "this is the last system administrator": "这是最后一位系统管理员",
    "appoint another one first": "先任命另一位",
    "the sign-in name is taken": "账号名已被使用",
    "taken": "已被使用",
    "the department has an application of that name": "本部门已有同名应用系统",
    "this is not a public key": "这不是公钥",
    r"an Ed25519 or SM2 public key in PEM, .*": "须为 PEM 格式的 Ed25519 或 SM2 公钥，以 -----BEGIN PUBLIC KEY----- 开头",
    "never hand over a private key": "私钥任何时候都不要交出",
    "another application has this key": "另一个应用系统已用这个公钥",
    "there is such a department already": "已有这个部门",
    "the department cannot be created like this": "部门信息有误",
    "there is no such division": "没有这个行政区划",
    "there is no such department": "没有这个部门",
    "the password is too long": "密码过长",
    "the password cannot be used": "这个密码不能用",
    "the new password is the old one": "新密码与原密码相同",
    "choose another one": "换一个",
    "the old password is wrong, or the account is locked": "现在的密码不对，或账号已锁定",
    "wrong": "不对",
    "this account has a second factor already": "已启用动态口令",
    "no second factor was begun": "还没有开始启用",
    "the code is wrong": "数字不对",
    "six digits shown now": "填写现在显示的六位数字",
    "there is no such role": "没有这个角色",
    r"one of (.+)": "只能是：{0}",
    # catalogue
    "the entry is not complete: see the fields": "目录还没填齐",
    "fill in the fields named": "按标出的各处补齐",
    "the entry does not read: see the fields": "目录有填写错误",
    "correct the fields named": "按标出的各处改正",
    # what the engine says of a source
    "this takes too long": "读取用时过长",
    "time is over": "超时",
    "hand in less, or as CSV": "减少行数，或者改交 CSV",
    r"the process of \w+ ended with .*": "读取时中断，可能是内存不足",
    "the file may need more memory than there is: split it, or hand it in as CSV": "文件可能需要更多内存：拆分，或者改交 CSV",
    "this is not a sound Parquet file": "不是完好的 Parquet 文件",
    "not Parquet": "不是 Parquet",
    "write the file again": "重新生成文件",
    r"column (.+) is not a plain value": "列“{0}”不是简单值",
    "flatten the file first": "先把嵌套的列展开",
    "the encoding of the file is not recognised": "认不出文件的字符集",
    "neither UTF-8 nor GB18030 nor marked UTF-16": "不是 UTF-8、GB18030，也不是带标记的 UTF-16",
    "declare the encoding, or save the file as UTF-8": "填写字符集，或者另存为 UTF-8",
    "declare the right encoding, or save the file as UTF-8": "填写正确的字符集，或者另存为 UTF-8",
    "this encoding is not known": "没有这种字符集",
    r"after line (\d+) there are bytes that are not (\S+)": "第{0}行之后的内容不是 {1}",
    "the file is empty": "文件是空的",
    "empty": "是空的",
    "hand in a file with a header and rows": "文件须有表头和数据行",
    r"line (\d+) is longer than (\d+) characters": "第{0}行超过 {1} 个字符",
    "check that this is a delimited text file": "核对是不是分隔符文本文件",
    "a delimiter is one character": "分隔符是一个字符",
    "such as , ; | or a tab": "如 , ; | 或制表符",
    r"this is .*, not delimited text": "这是电子表格，不是分隔符文本",
    r"(?:a ZIP or|an old) Excel workbook": "电子表格",
    "attach it as a workbook": "按电子表格挂接",
    "there is no header row": "没有表头",
    "name the columns in the first row": "在第一行写列名",
    r"there are (\d+) columns": "共有 {0} 列",
    "check the delimiter, or split the table": "核对分隔符，或者拆分表格",
    r"the workbook is too large: .*": "电子表格过大",
    "split it, or hand it in as CSV": "拆分，或者改交 CSV",
    "the workbook is damaged": "电子表格已损坏",
    "the sheet is damaged": "工作表已损坏",
    r"not a sound ZIP|not readable as XLSX|not a ZIP|no xl/workbook\.xml": "不是完好的 XLSX",
    r"save (?:it|the workbook) again as \.xlsx": "重新另存为 .xlsx",
    "this is an old .xls workbook": "这是旧的 .xls 电子表格",
    r"save it as \.xlsx": "另存为 .xlsx",
    r"this (?:is not an XLSX workbook|ZIP is not an XLSX workbook)": "不是 XLSX 电子表格",
    r"save it as \.xlsx, or attach it as text": "另存为 .xlsx，或者按文本挂接",
    "the workbook is encrypted": "电子表格已加密",
    "password": "有密码",
    "save it without a password": "去掉密码另存",
    "there is no such sheet": "没有这张工作表",
    "name one of them": "从中填写一个",
    "rows are counted from 1": "行号从1数起",
    "the sheet has no such header row": "工作表没有这一行表头",
    r"there is no table (.+) the account may read": "没有这张表，或者账号无权读取：{0}",
    "name it as schema.table and grant SELECT": "写作 schema.table，并授予 SELECT",
    r"the database of (.+) cannot be reached": "连接不上 {0} 所在的数据库",
    "check address, account and firewall": "核对地址、账号和防火墙",
    r"reading (.+) broke off": "读取 {0} 中断",
    "check that the account may read it, then land again": "核对账号权限后重新挂接",
}  # fmt: skip
_KNOWN = tuple((re.compile(pattern, re.DOTALL), chinese) for pattern, chinese in _SAID.items())


def said(sentence: str) -> str:
    """Give a sentence in the language that is active now: its half where it has two, else what is known of it."""
    english = get_language() == "en"
    listed = LISTED.match(sentence)
    if listed:
        head = listed["en"] if english else listed["zh"]
        return head if listed["en"].startswith("choose") else f"{head}{': ' if english else '：'}{said(listed['tail'])}"
    halves = BILINGUAL.match(sentence)
    if halves:
        return halves["en"] if english else halves["zh"].strip()
    if english:
        return gettext(sentence) if sentence else ""
    return sentence if CHINESE.search(sentence) else in_chinese(sentence)


def in_chinese(sentence: str) -> str:
    """Give the Chinese of an English sentence; the sentence itself where none is known."""
    for pattern, chinese in _KNOWN:
        said = pattern.fullmatch(sentence)
        if said:
            return chinese.format(*said.groups())
    return sentence
