# SPDX-License-Identifier: Apache-2.0
"""Kinds of sensitive items: the words their headers use, how their values check, what harm they would do.

Kept here: a value check is `strict` when a stranger's value passes it only by chance, `loose` when it merely looks
possible; the level follows from the harm by GB/T 43697-2024; special kinds are those of PIPL art. 28.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datong.kernel import identifiers
from datong.kernel.errors import Malformed
from datong.kernel.grading import Harm, HarmedObject, level
from datong.kernel.labels import Labelled
from datong.kernel.masks import PRESETS, Mask
from datong.kernel.sharing import Level


class SensitiveKind(Labelled):
    """敏感信息类别 of an item."""

    RESIDENT_ID = "resident_id", "公民身份号码"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    PHONE = "phone", "电话号码"
    BANK_CARD = "bank_card", "银行卡号"
    PASSPORT = "passport", "护照等出入境证件号码"
    EMAIL = "email", "电子邮箱"
    PLATE = "plate", "机动车号牌"
    BIRTH_DATE = "birth_date", "出生日期"
    ADDRESS = "address", "地址"
    PERSON_NAME = "person_name", "姓名"
    HEALTH = "health", "医疗健康信息"
    BIOMETRIC = "biometric", "生物识别信息"


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells a kind, and what to propose for it.

    Attributes:
        words: Matches a header that names the kind.
        abbreviations: Whole parts of a field name that stand for it, such as `sfzh`.
        strict: A value that passes is of the kind, but for chance.
        loose: A value that fails is not of the kind.
        alone: Confidence when the values alone say so; 0 where values alone say nothing.
        harm: What a leak would do to the person; None for what is public.
        mask: Proposed mask.
    """

    words: re.Pattern[str]
    abbreviations: frozenset[str]
    strict: Callable[[str], bool] | None
    loose: Callable[[str], bool] | None
    alone: float
    harm: Harm | None
    mask: Mask

    @property
    def level(self) -> Level:
        """Proposed level."""
        return Level.GENERAL_1 if self.harm is None else level(HarmedObject.INDIVIDUAL, self.harm)


_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][ ·]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PASSPORT = re.compile(r"(?:[EGPDSK][A-Z0-9]?[0-9]{7}|[HMC][0-9]{8}(?:[0-9]{2})?|[A-Z]{1,2}[0-9]{6,8})")
_LANDLINE = re.compile(r"(?:\(?0[1-9][0-9]{1,2}\)?[ -]?)[2-9][0-9]{6,7}(?:[-转][0-9]{1,5})?")
_GROUPS = re.compile(r"[0-9 *]{12,30}")
_DIGITS = re.compile(r"\+?[0-9(][0-9() -]{5,18}[0-9]")
_DAY = re.compile(r"(?:18|19|20)[0-9]{2}[-/.年]?(?:0?[1-9]|1[0-2])[-/.月]?(?:0?[1-9]|[12][0-9]|3[01])日?")
_PLACE = re.compile(r"[省市区县旗镇乡]|街道|[路街巷弄村组]|大道|[0-9０-９]+[号室栋幢单元]|小区|社区")
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]{2,4}|[\u3400-\u9fff]{1,12}(?:[·•][\u3400-\u9fff]{1,12})+")
_ANY_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f·•*×某]{1,30}|[A-Za-z][A-Za-z .'-]{1,60}")
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚"
    "程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮储靳段富巫乌焦巴弓牧山谷车侯宓蓬全班仰秋仲伊宫宁仇栾暴甘厉武符刘景詹束龙叶司黎薄印白蒲从鄂索籍赖"
    "卓蔺屠蒙池乔阴胥苍双闻党翟谭贡劳姬申冉郦雍桑桂牛寿通边扈燕冀浦尚农温庄晏柴瞿阎慕连茹习艾鱼容向古易慎戈廖庾终衡步都耿满弘匡国文寇"
    "广阙东欧沃利蔚越隆师巩聂敖曾沙丰关相查后荆红游竺权盖益桓肖闫岳冼覃邝邸苟付代尧仝"
)


def _passes(check: Callable[[str], object]) -> Callable[[str], bool]:
    def passed(text: str) -> bool:
        try:
            check(text)
        except Malformed:
            return False
        return True

    return passed


def _whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _is_phone(text: str) -> bool:
    return _passes(identifiers.check_mobile)(text) or _LANDLINE.fullmatch(text) is not None


def _is_address(text: str) -> bool:
    return len(text) >= 6 and len(set(_PLACE.findall(text))) >= 2


def _is_name(text: str) -> bool:
    return _HAN_NAME.fullmatch(text) is not None and (text[0] in _SURNAMES or "·" in text or "•" in text)


def _id_like(text: str) -> bool:
    return re.fullmatch(r"[0-9*xX]{15}|[0-9*xX]{18}", text) is not None


def _marks(words: str, abbreviations: str, strict: Callable[[str], bool] | None, loose: Callable[[str], bool] | None,
           proposed: tuple[float, Harm | None, Mask]) -> Marks:  # fmt: skip
    return Marks(re.compile(words, re.IGNORECASE), frozenset(abbreviations.split()), strict, loose, *proposed)


MARKS: Mapping[SensitiveKind, Marks] = {
    SensitiveKind.RESIDENT_ID: _marks(
        r"公民身份|身份证(?:件)?号?码?|身份号码|居民身份|证件号码?|id_?card|resident_?id|identity_?(?:no|number|card)",
        "sfzh sfzhm sfzjhm gmsfhm gmsfzh zjhm zjh sfzhao",
        _passes(identifiers.check_resident_id), _id_like, (0.95, Harm.SERIOUS, PRESETS["resident_id"])),
    SensitiveKind.CREDIT_CODE: _marks(
        r"社会信用代码|信用代码|credit_?code|uscc", "tyshxydm shxydm xydm",
        _passes(identifiers.check_uscc), lambda text: len(text) in (9, 10, 18), (0.95, None, Mask("none"))),
    SensitiveKind.PHONE: _marks(
        r"电话(?:号码)?|手机(?:号码?)?|联系方式|移动号码|传真|tele?phone|phone|mobile|\btel\b",
        "lxdh sjh sjhm dh dhhm yddh lxfs tel",
        _is_phone, _whole(_DIGITS),
        (0.85, Harm.SERIOUS, PRESETS["phone"])),
    SensitiveKind.BANK_CARD: _marks(
        r"银行卡号?|银行帐号|银行账号|卡号|收款账[号户]|开户账号|bank_?(?:card|account)|card_?(?:no|number)",
        "yhkh yhzh skzh khzh",
        _passes(identifiers.check_bank_card), _whole(_GROUPS), (0.85, Harm.EXTREME, Mask("partial", 4, 4))),
    SensitiveKind.PASSPORT: _marks(
        r"护照号?码?|通行证号?码?|passport(?:_?no)?", "hzhm hzh txzh",
        _whole(_PASSPORT), _whole(re.compile(r"[A-Z0-9*]{6,12}")), (0.0, Harm.SERIOUS, Mask("partial", 2, 2))),
    SensitiveKind.EMAIL: _marks(
        r"邮箱|电子邮件|e[-_]?mail", "dzyx dzyj yxdz",
        _whole(_EMAIL), lambda text: "@" in text, (0.95, Harm.COMMON, Mask("partial", 1, 4))),
    SensitiveKind.PLATE: _marks(
        r"车牌号?码?|号牌号码|机动车号牌|plate_?(?:no|number)|license_?plate", "cphm cph hphm",
        _whole(_PLATE), lambda text: 5 <= len(text) <= 10, (0.9, Harm.COMMON, Mask("partial", 2, 2))),
    SensitiveKind.BIRTH_DATE: _marks(
        r"出生(?:日期|年月日?|时间)|生日|birth(?:day|_?date)?|date_?of_?birth|\bdob\b", "csrq csny csnyr sr",
        _whole(_DAY), _whole(re.compile(r"[0-9]{4}.*")), (0.0, Harm.COMMON, PRESETS["birth_date"])),
    SensitiveKind.ADDRESS: _marks(
        r"地址|住址|住所|户籍地|居住地|出生地|籍贯|门牌|坐落|address|\baddr\b", "dz zz jtzz hjdz txdz lxdz xxdz jzdz addr",
        _is_address, lambda text: len(text) >= 4, (0.7, Harm.SERIOUS, PRESETS["address"])),
    SensitiveKind.PERSON_NAME: _marks(
        r"姓名|名字|曾用名|法定代表人|法人代表|负责人|联系人|经办人|户主|监护人|申请人|当事人|person_?name|full_?name|real_?name",
        "xm cym fddbr fddbrxm lxr lxrxm jbr hzxm sqr fzr",
        _is_name, _whole(_ANY_NAME), (0.55, Harm.COMMON, PRESETS["name"])),
    SensitiveKind.HEALTH: _marks(
        r"病历|病史|诊断|疾病|病种|血型|症状|过敏|用药|残疾(?:类别|等级)|检验结果|diagnosis|disease|medical_?record",
        "zdmc bsxx jbmc",
        None, None, (0.0, Harm.SERIOUS, PRESETS["secret"])),
    SensitiveKind.BIOMETRIC: _marks(
        r"指纹|人脸|虹膜|声纹|掌纹|面部特征|生物特征|fingerprint|face_?(?:id|feature|image)|\biris\b", "zwxx rlxx",
        None, None, (0.0, Harm.EXTREME, PRESETS["secret"])),
}  # fmt: skip
"""Kind to what tells it, those that check by a digit first."""
ORGANISATIONAL = re.compile(
    r"企业|单位|公司|机构|注册|经营|办公|部门|营业|学校|医院|门店|(?:org|company|enterprise|dept)_", re.IGNORECASE
)
"""A header that speaks of an organisation: its address or telephone is nobody's personal information."""
OF_ORGANISATIONS = frozenset({SensitiveKind.PHONE, SensitiveKind.ADDRESS, SensitiveKind.EMAIL})
