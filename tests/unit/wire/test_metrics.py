# SPDX-License-Identifier: Apache-2.0
"""The text format: what is written reads back as what was meant, whatever stands in a label."""

from __future__ import annotations

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from datong.wire.metrics import Family, histogram, shown, text

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')
PLAIN = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def read(written: str) -> list[tuple[str, dict[str, str], float]]:
    """Read samples by the grammar of the format, every line of it."""
    assert written.endswith("\n")
    found = []
    for line in written.removesuffix("\n").split("\n"):
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP [a-z_]+ .*|TYPE [a-z_]+ (counter|gauge|histogram))", line)
            continue
        match = LINE.fullmatch(line)
        assert match, line
        labels = {name: re.sub(r"\\.", lambda one: PLAIN[one[0]], said) for name, said in LABEL.findall(match[2] or "")}
        found.append((match[1], labels, float(match[3])))
    return found


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")), st.floats(allow_nan=False))
def test_a_sample_reads_back(label, value):
    assert read(text([Family("a_total", "counter", "Told\nin \\ lines", [({"code": label}, value)])])) == [("a_total", {"code": label}, value)]


def test_each_family_is_told_before_its_samples():
    written = text([Family("a", "gauge", "A", [({}, 1)]), Family("b", "gauge", "B", [])])
    assert written == "# HELP a A\n# TYPE a gauge\na 1\n# HELP b B\n# TYPE b gauge\n"


def test_a_histogram_rises_to_its_count_and_ends_at_infinity():
    samples = histogram({"channel": "call"}, (0.1, 0.2), {0: 3, 2: 1}, total=0.7)
    assert read(text([Family("seconds", "histogram", "S", samples)])) == [
        ("seconds_bucket", {"channel": "call", "le": "0.1"}, 3),
        ("seconds_bucket", {"channel": "call", "le": "0.2"}, 3),
        ("seconds_bucket", {"channel": "call", "le": "+Inf"}, 4),
        ("seconds_sum", {"channel": "call"}, 0.7),
        ("seconds_count", {"channel": "call"}, 4),
    ]


def test_numbers_are_written_as_the_format_wants():
    assert [shown(one) for one in (1.0, 0.25, math.inf, -math.inf, math.nan)] == ["1", "0.25", "+Inf", "-Inf", "NaN"]
