# SPDX-License-Identifier: Apache-2.0
"""Words that 合成数据 is made of: names, trades, streets, look-alike characters.

Kept here: nothing that points at a real person or firm. The look-alike pairs are a few of the 7,300 in
examples/data/divisions-quhua/form_similar_v1.json (MIT), so that the generator works without the examples.
"""

from collections.abc import Mapping

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
DOUBLE_SURNAMES = ("欧阳", "上官", "诸葛", "司徒", "尉迟")
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文宇轩子涵欣怡浩然梓萱思远嘉琪雨桐一诺俊熙"
RARE_GIVEN = "䶮堃喆𬱖翀𫖯"
"""Characters beyond GBK, which only four bytes of GB18030 can write."""
BRANDS = "云上瑞恒泰和嘉远博雅新辰禾木通达启明海纳星河诚信安联天合宏图万象金盾绿野东篱"
TRADES = {
    "科技": "软件开发；信息技术咨询服务；数据处理服务",
    "贸易": "日用百货销售；货物进出口，技术进出口",
    "建筑工程": "各类工程建设活动；建筑劳务分包",
    "餐饮管理": '餐饮服务；食品销售；以"堂食"方式经营',
    "医疗器械": "第二类医疗器械销售；第三类医疗器械经营",
    "物流": "道路货物运输（不含危险货物）；仓储服务",
    "农业": "谷物种植；水果种植；农产品初加工",
    "文化传媒": "组织文化艺术交流活动；广告设计、代理",
}
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "合伙企业（有限合伙）", "农民专业合作社")
STREETS = ("文三路", "解放大道", "人民东路", "滨河街", "学院路", "工业大道", "中山北路", "长江西路")
STATUSES = ("存续", "存续", "存续", "存续", "存续", "存续", "注销", "吊销，未注销", "迁出")

ALIKE: Mapping[str, str] = {
    "天": "夫", "未": "末", "云": "去", "达": "迖", "木": "本", "明": "朋", "远": "运", "金": "全", "东": "车",
    "宏": "宠", "海": "诲", "新": "斩", "禾": "未", "万": "方", "上": "土", "安": "妄", "信": "倍", "博": "搏",
}  # fmt: skip
"""Character to one easily taken for it."""
