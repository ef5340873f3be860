# SPDX-License-Identifier: Apache-2.0
"""What a node may promise; whose messages are whose is `queries.visible_dispatches`: each person's own."""

from datong.kernel.checks import answerable
from datong.kernel.errors import Refused


@answerable
def check_mail_is_sent(server: object) -> None:
    """Check that the node has a mail server.

    Raises:
        Refused: It has none, so no address is taken: a promise nobody keeps is none.
    """
    if not server:
        raise Refused(
            "本节点没有配置邮件服务器，不能发邮件 (this node has no mail server)",
            remedy="请系统管理员设置 DATONG_SMTP_URL；站内通知和网络回调不受影响 (the administrator sets DATONG_SMTP_URL)",
        )
