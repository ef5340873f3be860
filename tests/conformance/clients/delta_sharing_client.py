# SPDX-License-Identifier: Apache-2.0
"""Run by a released Delta Sharing client's own Python: read what a profile shows and print it as JSON in the last line.

Given an instant and another profile, it reads both formats, earlier versions and changes too, as newer clients do, and what
the other profile is refused with.
"""

import json
import sys

import delta_sharing
import requests

profile = sys.argv[1]
client = delta_sharing.SharingClient(profile)
tables = client.list_all_tables()
one = tables[0]
address = f"{profile}#{one.share}.{one.schema}.{one.name}"


def cells(frame):
    """Rows of a frame as text, in their order."""
    return [[str(value) for value in row] for row in frame.itertuples(index=False)]


def changed(frame):
    """What changed, by version."""
    names = ["_commit_version", "_change_type", "name", "region"]
    return sorted([str(row[name]) for name in names] for row in frame.to_dict("records"))


rows = delta_sharing.load_as_pandas(address)
told = {
    "client": delta_sharing.__version__,
    "shares": [share.name for share in client.list_shares()],
    "tables": [f"{table.share}.{table.schema}.{table.name}" for table in tables],
    "columns": list(rows.columns),
    "rows": cells(rows),
    "first": len(delta_sharing.load_as_pandas(address, limit=3)),
}
if sys.argv[2:]:
    try:
        refused = str(len(delta_sharing.SharingClient(sys.argv[3]).list_all_tables()))
    except requests.HTTPError as error:
        refused = error.response.text
    told |= {
        "refused": refused,
        "version": delta_sharing.get_table_version(address),
        "delta": cells(delta_sharing.load_as_pandas(address, use_delta_format=True)),
        "delta first": len(delta_sharing.load_as_pandas(address, limit=3, use_delta_format=True)),
        "versions": [len(delta_sharing.load_as_pandas(address, version=version)) for version in range(4)],
        "delta version": len(delta_sharing.load_as_pandas(address, version=1, use_delta_format=True)),
        "timestamp": len(delta_sharing.load_as_pandas(address, timestamp=sys.argv[2])),
        "changes": changed(delta_sharing.load_table_changes_as_pandas(address, starting_version=2)),
        "delta changes": changed(delta_sharing.load_table_changes_as_pandas(address, 2, 3, use_delta_format=True)),
        "inserted": len(delta_sharing.load_table_changes_as_pandas(address, 0, 1, use_delta_format=True)),
    }
sys.stdout.write("\n" + json.dumps(told))
