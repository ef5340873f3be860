# SPDX-License-Identifier: Apache-2.0
"""The newest versions first without sorting all of them: the list of entries at the size of a country."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds one index."""

    dependencies = [("catalog", "0005_imports")]
    operations = [
        migrations.AddIndex(
            model_name="version",
            index=models.Index(fields=["-changed_at", "-id"], name="catalog_version_newest"),
        )
    ]
