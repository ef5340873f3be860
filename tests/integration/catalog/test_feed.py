# SPDX-License-Identifier: Apache-2.0
"""The feed: what anybody may see, each entry once however the catalogue changes under the one who walks."""

from __future__ import annotations

import random

import pytest

from datong.contexts.catalog import face, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.queries.feeding import Snapshot, coded, whole
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Unknown
from factories.catalog import a_draft, a_new_version, a_resource, an_authority, an_open_draft, someone

pytestmark = pytest.mark.django_db


def withheld(name="侦查线索"):
    return a_resource(a_draft(name=name, sharing_type="withheld", sharing_methods=()))


def walk(limit=2, between=lambda: None):
    """Codes of every page, from the first to the last, with something happening between two pages."""
    taken, after, pages = face.snapshot(), 0, []
    while after is not None:
        entries, after = face.feed(taken, after=after, limit=limit)
        pages.append([one.code for one in entries])
        between()
    return [code for page in pages for code in page], taken


def test_the_feed_holds_what_anybody_may_see():
    shown = [a_resource().resource.code, a_resource(an_open_draft()).resource.code]
    for stage in (Stage.DRAFT, Stage.FILED, Stage.CONSENTED, Stage.RETURNED, Stage.WITHDRAWN):
        a_resource(stage=stage)
    withheld()
    found, taken = walk()
    assert found == shown
    assert taken.total == 2


def test_an_empty_catalogue_has_one_empty_page():
    a_resource(stage=Stage.DRAFT)
    assert walk() == ([], Snapshot(None, 0))
    assert Snapshot.parse(str(Snapshot(None, 0))).total == 0


@pytest.mark.parametrize("seed", range(6))
def test_no_entry_is_skipped_or_repeated_while_others_change_the_catalogue(seed):
    chance = random.Random(seed)
    codes = [a_resource().resource.code for _ in range(7)]
    came, gone = [], []

    def something():
        code = chance.choice(codes)
        match chance.choice(["publish", "renew", "withdraw"]):
            case "publish":
                came.append(a_resource().resource.code)
            case "renew" if code not in gone:
                a_new_version(code)
            case "withdraw" if code not in gone:
                current = next(row for row in face.history(code, by=an_authority()) if row.stage == Stage.PUBLISHED)
                usecases.withdraw_entry(current.pk, "职责调整", by=an_authority())
                gone.append(code)

    found, taken = walk(between=something)
    assert len(found) == len(set(found))
    assert set(codes) - set(gone) <= set(found) <= set(codes)
    assert taken.total == 7
    again, _taken = walk()
    assert set(again) == set(codes) - set(gone) | set(came)


def test_what_is_withheld_meanwhile_is_said_no_more():
    codes = [a_resource().resource.code for _ in range(3)]
    taken = face.snapshot()
    a_new_version(codes[2], sharing_type="withheld", sharing_methods=())
    assert [one.code for one in face.feed(taken, after=0, limit=9)[0]] == codes[:2]


def test_the_snapshot_stays_until_something_is_published_or_withdrawn():
    row = a_resource()
    taken = face.snapshot()
    a_resource(stage=Stage.CONSENTED)
    assert str(face.snapshot()) == str(taken)
    assert Snapshot.parse(str(taken)) == taken
    usecases.withdraw_entry(row.pk, "职责调整", by=an_authority())
    assert face.snapshot().moment > taken.moment


@pytest.mark.parametrize("text", ["", "1", "-", "1-", "a-1", "-1-1", "١-1", "1" * 17 + "-1", "1-1-1"])
def test_what_is_no_snapshot_is_refused(text):
    with pytest.raises(Malformed):
        Snapshot.parse(text)


def test_an_entry_says_its_first_and_its_last_publication_and_only_relations_that_are_seen():
    other, hidden = a_resource().resource.code, withheld().resource.code
    row = a_resource(a_draft(name="有关联的资源", related=(other, hidden, "307001/999")))
    a_new_version(row.resource.code, related=(other, hidden, "307001/999"))
    public = face.entry(row.resource.code, by=None)
    assert public.related == (other,)
    assert face.entry(row.resource.code, by=someone(Role.APPLICANT, "浙江省民政厅")).related == (other, hidden)
    assert (public.version, public.issued < public.modified) == (2, True)


@pytest.mark.parametrize("code", ["307001/1", "x", "3" * 60, "307001/\x00"])
def test_what_nobody_may_see_does_not_exist(code):
    withheld()
    with pytest.raises(Unknown):
        face.entry(code, by=None)


def test_the_whole_and_the_coded_keep_their_order_and_who_sees_what():
    codes = [a_resource().resource.code, withheld().resource.code, a_resource(an_open_draft()).resource.code]
    officer = someone(Role.AUDITOR, "浙江省民政厅")
    assert [one.code for one in whole(None)] == [codes[0], codes[2]]
    assert [one.code for one in whole(officer)] == codes
    assert [one.code for one in coded([codes[2], codes[1], "x"], by=None)] == [codes[2]]
    assert [one.code for one in coded(codes[::-1], by=officer)] == codes[::-1]
