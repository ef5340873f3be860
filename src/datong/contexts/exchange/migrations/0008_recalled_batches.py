# SPDX-License-Identifier: Apache-2.0
"""A landed batch may be recalled."""

from django.db import migrations, models

STAGES = [
    ("queued", "排队中"), ("running", "装载中"), ("held", "待确认"), ("landed", "已入湖"), ("failed", "装载失败"),
    ("cancelled", "已取消"), ("recalled", "已召回"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("exchange", "0007_source_by_connection")]

    operations = [
        migrations.AlterField(
            model_name="batch", name="stage", field=models.CharField(choices=STAGES, default="queued", max_length=16)
        ),
    ]
