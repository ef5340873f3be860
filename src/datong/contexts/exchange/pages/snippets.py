# SPDX-License-Identifier: Apache-2.0
"""How to read one grant as a table: pandas, Spark and DuckDB, ready to be copied, with the real address of its table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

FILE = "config.share"
"""Name under which the profile file is given out; clients take any."""
PANDAS = """\
# pip install delta-sharing
import delta_sharing

# {beside}
table = "{address}"
rows = delta_sharing.load_as_pandas(table)  # limit=10: {few}
print(rows)
"""
SPARK = """\
# pip install "pyspark>=3.5,<4"  ({java})
from pyspark.sql import SparkSession

package = "io.delta:delta-sharing-spark_2.12:3.1.0"
spark = SparkSession.builder.config("spark.jars.packages", package).getOrCreate()

# {beside}
table = "{address}"
rows = spark.read.format("deltaSharing").load(table)
rows.show()
"""
DUCKDB = """\
# pip install delta-sharing duckdb
import delta_sharing
import duckdb

# {beside}
rows = delta_sharing.load_as_pandas("{address}")
with duckdb.connect("datong.duckdb") as database:
    database.execute("create or replace table shared as select * from rows")
    print(database.execute("select count(*) from shared").fetchone())
"""
CHANGES = """\
# pip install delta-sharing
import delta_sharing

# {beside}
table = "{address}"
version = delta_sharing.get_table_version(table)  # {keep}
rows = delta_sharing.load_as_pandas(table, version=version)

# {later}
if delta_sharing.get_table_version(table) > version:
    changes = delta_sharing.load_table_changes_as_pandas(table, starting_version=version + 1)
    print(changes)  # _change_type: insert, update_preimage, update_postimage, delete
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One example."""

    name: str
    title: str
    code: str


def of(table: str, *, changes: bool = False) -> list[Snippet]:
    """Give the examples for a table.

    Args:
        table: share.schema.table.
        changes: Whether the grant lets its changes be read.
    """
    said = {
        "address": f"{FILE}#{table}",
        "beside": gettext("%(file)s 放在同一目录；其中的凭证等同于密码") % {"file": FILE},
        "few": gettext("先试几行"),
        "java": gettext("需要 Java 17"),
        "keep": gettext("与数据一起存下"),
        "later": gettext("以后：从存下的版本之后读变更"),
    }
    known = [("pandas", "pandas", PANDAS), ("spark", "Spark", SPARK), ("duckdb", "DuckDB", DUCKDB)]
    if changes:
        known.append(("changes", gettext("pandas：只读变更"), CHANGES))
    return [Snippet(name, title, code.format(**said)) for name, title, code in known]
