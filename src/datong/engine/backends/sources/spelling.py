# SPDX-License-Identifier: Apache-2.0
"""How Chinese names of columns sound, so that they can be spelt in letters.

Kept here: the package of sounds is large, so it is imported only here, in the process of a survey, which ends.
"""

import re
from collections.abc import Iterable

from pypinyin import lazy_pinyin

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")


def sounds(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the sound of each character for every run of Chinese in some names; those nobody can read are left out."""
    runs = {run for name in names for run in HAN.findall(name)}
    return {run: tuple(lazy_pinyin(run, errors="ignore", v_to_u=False)) for run in sorted(runs)}
