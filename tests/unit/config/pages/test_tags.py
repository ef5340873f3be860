# SPDX-License-Identifier: Apache-2.0
"""What the templates ask of the shell: words with colours, voices, escapes, filters in the address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template import Context
from django.test import RequestFactory
from django.utils import timezone, translation

from datong.config.pages import context, tags, voices
from datong.config.pages.voices import CHINESE
from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.sharing.domain import GrantStage, RefusalCategory, Stage
from datong.engine import errors
from datong.gateway import refusals
from datong.kernel.errors import DatongError, IllegalMove
from datong.kernel.masks import FORMS, PRESETS


def address(query=""):
    return Context({"request": RequestFactory().get(f"/list{query}")})


@pytest.mark.parametrize("stage", [*EntryStage, *Stage, *GrantStage])
def test_every_stage_is_a_word_and_a_colour(stage):
    said = tags.badge(stage)
    assert stage.label in said
    assert any(f'class="stage {colour}"' in said for colour in (*tags.COLOURS, "over"))


def test_unknown_stages_are_grey_and_nothing_is_nothing():
    assert 'class="stage over"' in tags.badge("elsewhere")
    assert tags.badge("") == tags.badge(None) == ""


@pytest.mark.parametrize("mask", [*PRESETS.values(), "none", "partial:0:4", "partial:0:0", "null", "band:1000", *(f"format:{form}" for form in FORMS)])
def test_every_mask_has_words(mask):
    assert tags.mask_words(mask)
    assert ":" not in tags.mask_words(mask)


def test_what_is_no_mask_stays_as_it_is():
    assert tags.mask_words("shred") == "shred"


@pytest.mark.parametrize(
    ("days", "colour"), [(-1, "red"), (0, "yellow"), (3, "yellow"), (4, "green")]
)
def test_the_lamp_turns(days, colour):
    assert f'class="lamp {colour}"' in tags.lamp(timezone.localdate() + timedelta(days=days))


def test_a_bilingual_sentence_is_said_in_the_readers_half():
    both = "名称必填 (give the name)"
    assert tags.voice(both) == "名称必填"
    with translation.override("en"):
        assert tags.voice(both) == "give the name"


def test_a_choice_is_not_told_in_codes():
    assert tags.voice(f"请从列表中选择 (choose one of): {', '.join(RefusalCategory)}") == "请从列表中选择"
    assert tags.voice("超出申请 (not asked for): name") == "超出申请：name"


def test_an_english_sentence_is_said_in_chinese_where_it_is_known():
    moved = IllegalMove("request R1", "granted", "granted")
    assert tags.voice(moved.message) == "R1 现在的状态不能这样办理，可能已有他人办理"
    assert voices.in_chinese("nobody knows this one") == "nobody knows this one"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b", '"quoted"'])
def test_hits_are_marked_and_escaped(text):
    said = tags.found(text, ["script", "&", '"'])
    assert "<script>" not in said
    assert "<mark>" in said


def test_pills_take_one_filter_away_and_start_at_the_first_page():
    given = tags.pills(address("?q=村&stage=draft&page=3"), {"q": "名称", "stage": ("状态", {"draft": "草稿"})}, 7)
    assert [(pill["label"], pill["text"]) for pill in given["pills"]] == [("名称", "村"), ("状态", "草稿")]
    assert given["pills"][0]["without"] == "?stage=draft"


def test_paging_minds_nonsense():
    rows = list(range(95))
    assert len(tags.paginate(address("?size=50&page=2"), rows)) == 45
    assert tags.paginate(address("?size=7&page=x"), rows).paginator.per_page == tags.USUAL_SIZE
    assert tags.paginate(address("?page=999"), rows).number == 5


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acts", "操作留痕"), ("gateway-0", "调用留痕"), ("gateway-1", "调用留痕 2"), ("gateway-push", "推送留痕"),
        ("other-1", "other-1"), ("strange", "strange"),
    ],
)  # fmt: skip
def test_logs_of_several_gateways_are_numbered(name, said):
    with translation.override("zh-hans"):
        assert tags.log_words(name) == said


def every(kind):
    """A kind of error and whatever descends from it."""
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


def test_each_refusal_a_gateway_gives_has_words_in_both_languages():
    told = {kind.code for kind in every(DatongError) if kind.__module__ in {refusals.__name__, errors.__name__}}
    assert {"grant_suspended", "too_broad"} <= told
    for code in told:
        with translation.override("zh-hans"):
            assert CHINESE.search(tags.code_words(code)), code
        with translation.override("en"):
            assert not CHINESE.search(tags.code_words(code)), code
    assert tags.code_words("strange") == "strange"


def test_thousands_are_set_off():
    assert [tags.count(1234567), tags.count(12), tags.count("—"), tags.count(None)] == ["1,234,567", "12", "—", "None"]


@pytest.mark.parametrize(
    ("path", "href"),
    [("/grants/G1", "/grants"), ("/exchange/figures", "/grants"), ("/acts", "/evidence"), ("/exchange/schedules/1", "/exchange/schedules")],
)
def test_a_page_stands_under_its_way_in_the_menu(path, href):
    assert [way for way, _word, _roles in context.WAYS if context._here(path, way)] == [href]
