# SPDX-License-Identifier: Apache-2.0
"""Several resources asked for together, wishes of how and how often, and requests that change a live grant."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

MODES = [("full", "全量"), ("incremental", "增量")]
CYCLES = [
    ("realtime", "实时"), ("daily", "每日"), ("weekly", "每周"), ("monthly", "每月"), ("quarterly", "每季度"),
    ("half_yearly", "每半年"), ("yearly", "每年"), ("irregular", "不定期"), ("never", "不更新"),
]  # fmt: skip
KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    """A table and three columns more."""

    dependencies = [
        ("sharing", "0003_clocks_move_down"),
        ("catalog", "0001_initial"),
        ("organisations", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="request",
            name="delivery_mode",
            field=models.CharField(
                blank=True, choices=MODES, default="", help_text="wish for tables, files, subscriptions", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="update_cycle",
            field=models.CharField(blank=True, choices=CYCLES, default="", help_text="wish: how often", max_length=16),
        ),
        migrations.AddField(
            model_name="request",
            name="amends",
            field=models.ForeignKey(
                blank=True,
                help_text="live grant this request would change: the grant made from it supersedes that one",
                null=True,
                on_delete=KEEP,
                related_name="+",
                to="sharing.grant",
                to_field="number",
            ),
        ),
        migrations.CreateModel(
            name="BasketLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=150)),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63), blank=True, default=list, size=None
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "department",
                    models.ForeignKey(on_delete=KEEP, related_name="+", to="organisations.department"),
                ),
                (
                    "resource",
                    models.ForeignKey(on_delete=KEEP, related_name="+", to="catalog.resource", to_field="code"),
                ),
            ],
            options={
                "ordering": ["added_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "department", "resource"), name="sharing_basket_resource_once")
                ],
            },
        ),
    ]
