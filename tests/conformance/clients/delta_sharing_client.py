# SPDX-License-Identifier: Apache-2.0
"""Run by the released Delta Sharing client's own Python: read what a profile shows and print it as JSON."""

import json
import sys

import delta_sharing

profile = sys.argv[1]
client = delta_sharing.SharingClient(profile)
tables = client.list_all_tables()
one = tables[0]
address = f"{profile}#{one.share}.{one.schema}.{one.name}"
rows = delta_sharing.load_as_pandas(address)
first = delta_sharing.load_as_pandas(address, limit=3)
told = {
    "client": delta_sharing.__version__,
    "shares": [share.name for share in client.list_shares()],
    "tables": [f"{table.share}.{table.schema}.{table.name}" for table in tables],
    "version": delta_sharing.get_table_version(address),
    "columns": list(rows.columns),
    "rows": [[str(value) for value in row] for row in rows.itertuples(index=False)],
    "first": len(first),
}
sys.stdout.write(json.dumps(told))
