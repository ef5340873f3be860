# SPDX-License-Identifier: Apache-2.0
"""Other names people search by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of synonyms."""

    dependencies = [("catalog", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Synonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term", models.CharField(help_text="what people type", max_length=40)),
                ("meaning", models.CharField(help_text="what entries say", max_length=100)),
                ("added_by", models.CharField(max_length=150)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["term", "meaning"]},
        ),
        migrations.AddConstraint(
            model_name="synonym",
            constraint=models.UniqueConstraint(fields=("term", "meaning"), name="catalog_synonym_once"),
        ),
    ]
