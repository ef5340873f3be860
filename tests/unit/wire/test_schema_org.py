# SPDX-License-Identifier: Apache-2.0
"""schema.org markup: only of what is open, and nothing in it ends the script element."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.wire import schema_org
from factories.machine_doors import SITE, an_entry


@pytest.mark.parametrize(
    ("sharing", "opening", "marked"),
    [
        ("unconditional", "open", True), ("conditional", "open", True), ("withheld", "open", False),
        ("unconditional", "conditional", False), ("unconditional", "closed", False), ("", "", False),
    ],
)  # fmt: skip
def test_only_what_is_open_is_marked_up(sharing, opening, marked):
    assert schema_org.is_marked_up(sharing, opening) is marked


def test_it_says_what_google_asks_for():
    said = schema_org.dataset(SITE, an_entry())
    assert said["@type"] == "Dataset"
    assert {"name", "description", "identifier", "url", "publisher", "dateModified", "includedInDataCatalog"} <= said.keys()
    assert said["url"] == f"{SITE.base}/resources/307001001/1"
    assert "datePublished" not in schema_org.dataset(SITE, an_entry(issued=None))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ends_the_element(text):
    made = schema_org.script(schema_org.dataset(SITE, an_entry(name=f"</script><!--{text}")))
    assert not set(made) & set("<>&\u2028\u2029")
    assert json.loads(made)["name"] == f"</script><!--{text}"
