# SPDX-License-Identifier: Apache-2.0
"""Refusals of the API as problem documents (RFC 9457), in the language its caller asked for by Accept-Language.

Kept here: the words change with the language, `code` and field names never. Whatever the framework refuses before an
operation is reached (no such address, another method, a body too large, a strange host) is a problem document too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from datong.config.pages.voices import said
from datong.kernel import errors
from datong.kernel.errors import DatongError

ROOT = "/api/"
KIND = "application/problem+json"
TITLES = {
    "conflict": "冲突 (Conflict)",
    "error": "平台出错 (Internal error)",
    "illegal_move": "状态不允许 (Illegal move)",
    "malformed": "输入有误 (Malformed input)",
    "refused": "不予办理 (Refused)",
    "throttled": "请求过多 (Too many requests)",
    "unauthenticated": "尚未登录 (Not signed in)",
    "unavailable": "暂不可用 (Unavailable)",
    "unknown": "没有找到 (Unknown)",
}
WORDS = {
    "missing": "必填 (required)",
    "string_type": "须为文本 (must be text)",
    "string_unicode": "含有不成字的字符 (holds half a character)",
    "string_too_short": "至少 {min_length} 个字符 (at least {min_length} characters)",
    "string_too_long": "最多 {max_length} 个字符 (at most {max_length} characters)",
    "string_pattern_mismatch": "不合格式 {pattern} (must match {pattern})",
    "int_type": "须为整数 (must be a whole number)",
    "int_parsing": "须为整数 (must be a whole number)",
    "int_parsing_size": "数字过大 (too large a number)",
    "int_from_float": "须为整数 (must be a whole number)",
    "finite_number": "须为整数 (must be a whole number)",
    "greater_than_equal": "不小于 {ge} (at least {ge})",
    "less_than_equal": "不大于 {le} (at most {le})",
    "bool_type": "须为 true 或 false (must be true or false)",
    "bool_parsing": "须为 true 或 false (must be true or false)",
    "date_type": "须为日期，如 2026-01-31 (must be a date such as 2026-01-31)",
    "date_parsing": "须为日期，如 2026-01-31 (must be a date such as 2026-01-31)",
    "date_from_datetime_parsing": "须为日期，如 2026-01-31 (must be a date such as 2026-01-31)",
    "date_from_datetime_inexact": "须为日期，如 2026-01-31 (must be a date such as 2026-01-31)",
    "literal_error": "须为其中之一：{expected} (must be one of {expected})",
    "list_type": "须为数组 (must be an array)",
    "too_long": "最多 {max_length} 项 (at most {max_length} entries)",
    "dict_type": "须为 JSON 对象 (must be a JSON object)",
    "model_attributes_type": "须为 JSON 对象 (must be a JSON object)",
    "model_type": "须为 JSON 对象 (must be a JSON object)",
}
"""What is wrong with a field, by the kind of fault the schema found."""


class NotAllowed(errors.Malformed):
    """The address exists and takes other methods."""

    status = 405


class TooLarge(errors.Malformed):
    """The body is larger than this node reads."""

    status = 413


class Unreadable(errors.Malformed):
    """The request itself cannot be read."""

    status = 400


class BrokenPart(errors.DatongError):
    """A fault of ours outside any operation."""


def answer(error: DatongError) -> JsonResponse:
    """Give the problem document of an error in the active language."""
    told = errors.problem(error)
    for name in ("detail", "remedy", "rule"):
        if name in told:
            told[name] = said(told[name])
    told["title"] = said(TITLES.get(error.code, error.title))
    if "errors" in told:
        told["errors"] = {field: said(wrong) for field, wrong in told["errors"].items()}
    response = JsonResponse(told, status=error.status, content_type=KIND)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def wrong(fault: dict[str, Any]) -> str:
    """Say what is wrong with a field, from a fault the schema found."""
    words = WORDS.get(fault["type"])
    return words.format(**fault.get("ctx", {})) if words else f"不合要求 ({fault['msg']})"


def of_framework(status: int) -> DatongError:
    """Give the error of a refusal that the framework made by itself."""
    if status == 404:
        return errors.Unknown("没有这个地址 (there is no such address)", remedy="/api/v1/openapi.json")
    if status == 405:
        return NotAllowed("这个地址不接受该方法 (this address does not take the method)", remedy="/api/v1/openapi.json")
    if status == 413:
        return TooLarge("请求过大 (the request is too large)", remedy="分批发送 (send less at once)")
    if status >= 500:
        return BrokenPart("平台出错，请稍后重试 (something of ours broke; try again later)")
    return Unreadable("请求不能读取 (the request cannot be read)")


class ProblemMiddleware:
    """Turns every refusal under the API that is no problem document yet into one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, refusals as problem documents."""
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith(ROOT) or _is_problem(response):
            return response
        made = answer(of_framework(response.status_code))
        if "Allow" in response:
            made["Allow"] = response["Allow"]
        return made


def _is_problem(response: HttpResponse) -> bool:
    return response.get("Content-Type", "") == KIND
