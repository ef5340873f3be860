# SPDX-License-Identifier: Apache-2.0
"""Mails: one notice, or the digest of a day; title and link, nothing else.

Kept here: a mail sent again has the same Message-ID, so that a mail store knows it. What the server answered is noted by
its code alone, for its words may repeat the address.
"""

from __future__ import annotations

import smtplib
from email.utils import formatdate

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext

from datong.contexts.notifications import queries
from datong.contexts.notifications.domain import Mail
from datong.contexts.notifications.models import Dispatch, Preference
from datong.contexts.periods.face import NoticeKind
from datong.kernel import texts

TIMEOUT = 20.0
NO_SERVER = "no mail server"
NO_ADDRESS = "no address"


def send(rows: list[Dispatch]) -> str:
    """Send some messages of one person as one mail.

    Returns:
        Why it failed, "" when the server took it.
    """
    server = queries.mail_server()
    address = Preference.objects.filter(account=rows[0].account_id).values_list("email", flat=True).first()
    if server is None or not address:
        return NO_ADDRESS if server else NO_SERVER
    try:
        _mail(rows, server, address).send()
    except smtplib.SMTPRecipientsRefused as refused:
        return f"SMTP {next((code for code, _ in refused.recipients.values()), '')} recipient refused"
    except smtplib.SMTPResponseException as refused:
        return f"SMTP {refused.smtp_code}"
    except (smtplib.SMTPException, OSError) as fault:
        return type(fault).__name__
    return ""


def _mail(rows: list[Dispatch], server: Mail, address: str) -> EmailMessage:
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host=server.host, port=server.port, username=server.username,
        password=server.password, use_tls=server.starttls, use_ssl=server.ssl, timeout=TIMEOUT,
    )  # fmt: skip
    headers = {
        "Message-ID": f"<{rows[0].key}@{server.sender.rpartition('@')[2]}>",
        "Date": formatdate(rows[0].made_at.timestamp()),
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(_subject(rows), _body(rows), server.sender, [address], connection=connection, headers=headers)


def _subject(rows: list[Dispatch]) -> str:
    if len(rows) == 1:
        return f"[{settings.NODE.name}] {_kind(rows[0])}：{_title(rows[0])}"
    return f"[{settings.NODE.name}] {gettext('今日通知')} {len(rows)}"


def _body(rows: list[Dispatch]) -> str:
    lines = [f"{_kind(row)}：{_title(row)}\n{settings.NODE.address}{row.notice.href or '/notices'}" for row in rows]
    foot = f"{gettext('在平台上查看和办理；在“消息设置”中可以改变发送方式。')}\n{settings.NODE.address}/notifications"
    return "\n\n".join([*lines, foot]) + "\n"


def _kind(row: Dispatch) -> str:
    return gettext(NoticeKind(row.notice.kind).label)


def _title(row: Dispatch) -> str:
    return " ".join(texts.clean(row.notice.title).split())
