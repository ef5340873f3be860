# SPDX-License-Identifier: Apache-2.0
"""What a grant may look back on: never before it began, never with less than there was, and refusals in known words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.backends.manifests import Derived, DerivedChange, DerivedFile
from datong.gateway.tables.history import Held, history
from datong.kernel.errors import Malformed
from datong.wire.delta_sharing.asking import Moment

HOME = Path("derived")


def file(name):
    return DerivedFile(name, f"{name}.parquet", 1, 1, (name,))


def table(version, files, *, before=None, begins=False, changed=()):
    """A version, committed at a thousand times its number plus one thousand; so are the commits it tells."""
    changes = tuple(DerivedChange(f"c{one}", f"c{one}", 1, 1, one, stamp(one)) for one in changed)
    held = tuple(map(file, files))
    return Derived(version, "d", "{}", len(held), len(held), held, stamp(version), before, begins, changes)


def stamp(version):
    return 1_000 + version * 1_000


def looked(tables, opens=0.0):
    """Look back from the newest of some tables."""
    there = {HOME / f"{one.version}-d": one for one in tables}
    newest = tables[-1]
    return history(Held(HOME / f"{newest.version}-d", newest), opens, there.get)


CHAIN = [
    table(0, "a", begins=True),
    table(1, "ab", before=0, changed=[1]),
    table(4, "bc", before=1, changed=[2, 4]),
    table(5, "bc", before=4),
]


def told(found):
    return [(one.act, one.file.id, one.version) for one in found]


def test_from_its_beginning():
    found = looked(CHAIN)
    assert (found.first, found.begins, found.latest) == (0, True, 5)
    assert told(found.changes(0, 5)) == [("add", "a", 0), ("cdf", "c1", 1), ("cdf", "c2", 2), ("cdf", "c4", 4)]
    assert told(found.steps(1, 5)) == [("add", "b", 1), ("remove", "a", 4), ("add", "c", 4)]
    assert [found.at(Moment(version)).made.version for version in (0, 1, 4, 5)] == [0, 1, 4, 5]
    assert [found.from_when(Moment(at=at)) for at in (0, 1_001, 3_000, 3_001, 6_000)] == [0, 1, 2, 4, 5]
    assert [found.until_when(Moment(at=at)) for at in (0, 1_000, 3_999, 9_000)] == [-1, 0, 2, 5]


def test_a_version_that_was_never_made_is_refused_and_one_that_changed_nothing_is_not():
    found = looked(CHAIN)
    with pytest.raises(Malformed, match="it was followed by another before it was made"):
        found.at(Moment(2))
    with pytest.raises(Malformed, match="it was followed by another"):
        found.at(Moment(at=stamp(3)))
    quiet = looked([CHAIN[0], table(4, "a", before=0, changed=[4])])
    assert quiet.at(Moment(3)).made.version == 0


def test_where_older_versions_are_gone():
    found = looked(CHAIN[2:])
    assert (found.first, found.begins) == (2, False)
    assert told(found.changes(2, 5)) == [("cdf", "c2", 2), ("cdf", "c4", 4)]
    for asked in (lambda: found.changes(1, 5), lambda: found.steps(1, 5), lambda: found.at(Moment(1))):
        with pytest.raises(Malformed, match="You can only query table"):
            asked()
    with pytest.raises(Malformed, match=r"change data was not recorded for version \[4\]"):
        found.steps(4, 5)


def test_where_changes_could_not_be_told_the_history_begins_after():
    found = looked([*CHAIN[:3], table(6, "z")])
    assert (found.first, found.begins, len(found.kept)) == (7, False, 1)
    with pytest.raises(Malformed, match=r"change data was not recorded for version \[6\]"):
        found.changes(6, 6)


@pytest.mark.parametrize(
    ("opens", "first"), [(0.5, 0), (1.0, 0), (1.5, 0), (2.0, 1), (2.5, 1), (3.0, 4), (5.0, 4), (6.0, 5), (99.0, 5)]
)
def test_a_grant_begins_with_the_version_then_in_force(opens, first):
    found = looked(CHAIN, opens)
    assert (found.first, found.begins) == (first, True)
    assert {one[0] for one in told(found.changes(first, first))} == {"add"}


@st.composite
def chains(draw):
    """A history of which some beginning is gone."""
    tables, before, version = [], None, draw(st.integers(0, 2))
    for _ in range(draw(st.integers(1, 5))):
        kept = before is not None and draw(st.booleans())
        span = range(before + 1, version + 1) if kept else ()
        changed = [one for one in span if draw(st.booleans())]
        files = draw(st.sets(st.sampled_from("abcd")))
        tables.append(table(version, sorted(files), before=before if kept else None, begins=before is None, changed=changed))
        before, version = version, version + draw(st.integers(1, 3))
    return tables[draw(st.integers(0, len(tables) - 1)) :]


@given(chains(), st.integers(0, 20).map(lambda half: half / 2))
def test_nothing_of_before_the_grant_is_ever_told(tables, opens):
    found = looked(tables, opens)
    shown = found.changes(found.first, found.latest) if found.first <= found.latest else []
    assert all(one.at > opens * 1_000 or one.act == "add" for one in shown)
    first = found.kept[0].made
    for one in found.kept[1:]:
        assert one.made.timestamp > opens * 1_000
        assert all(change.timestamp > opens * 1_000 for change in one.made.changes)
    assert found.begins or first.timestamp > opens * 1_000


@given(chains(), st.integers(0, 20).map(lambda half: half / 2))
def test_steps_lead_from_each_kept_version_to_the_newest(tables, opens):
    found = looked(tables, opens)
    for held in found.kept[:-1]:
        files = {one.id for one in held.made.files}
        for act, name, _ in told(found.steps(held.made.version + 1, found.latest)):
            (files.add if act == "add" else files.remove)(name)
        assert files == {one.id for one in found.newest.made.files}
