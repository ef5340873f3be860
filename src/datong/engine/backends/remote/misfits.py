# SPDX-License-Identifier: Apache-2.0
"""How pages of a registered interface may not fit; without a client for HTTP, so that whoever reads pages says it alike."""

from typing import Final

from datong.engine.errors import InterfaceMisfit

WAYS: Final = {
    "still": "下一页与上一页相同，翻页没有起作用 (the same page again: paging does not move on)",
    "back": "下一页又回到前面 (the next page leads back)",
    "unread": "下一页的位置读不懂 (where the next page is does not read)",
    "away": "下一页的链接指向别的服务器 (the next page leads to another server)",
    "endless": "一条记录分散在过多的页里 (too many pages about one record)",
}


def misfit(why: str) -> InterfaceMisfit:
    """The refusal of pages that do not fit, by a word of `WAYS`."""
    return InterfaceMisfit(
        "接口的分页与登记不符 (its pages are not as registered)",
        fields={"paging": WAYS[why]},
        remedy="核对分页方式和参数 (check the way of paging and its parameters)",
    )
