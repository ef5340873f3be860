# SPDX-License-Identifier: Apache-2.0
"""Schedules, and batches that say how they collected, what they changed, and why they were held."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

STAGES = [
    ("queued", "排队中"), ("running", "装载中"), ("held", "待确认"), ("landed", "已入湖"), ("failed", "装载失败"), ("cancelled", "已取消"),
]
MODES = [("full", "全量"), ("keys", "按主键比对"), ("watermark", "按水位增量")]
PHASES = [("reading", "读取来源"), ("comparing", "核验比对"), ("writing", "写入数据湖"), ("indexing", "更新查询索引")]
RHYTHMS = [
    ("on_demand", "按需"), ("every", "每隔一段时间"), ("daily", "每天"), ("weekly", "每周"), ("cron", "按时间表达式"),
    ("after", "前置计划入湖后"),
]


def added(name, field):
    return migrations.AddField(model_name="batch", name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0005_activation_links")]
    operations = [
        added("mode", models.CharField(choices=MODES, default="full", max_length=16)),
        added("watermark", models.JSONField(default=dict, help_text="column, type, overlap, and when landed: last value, zoned")),
        added("asked_by", models.CharField(blank=True, default="", help_text="who queued it; empty: its schedule", max_length=150)),
        added("phase", models.CharField(blank=True, choices=PHASES, default="", max_length=16)),
        added("inserted", models.BigIntegerField(default=0)),
        added("updated", models.BigIntegerField(default=0)),
        added("deleted", models.BigIntegerField(default=0)),
        added("unchanged", models.BooleanField(default=False, help_text="landed without a new version: the source held the same")),
        added("shape", models.JSONField(default=dict, help_text="columns of the source, and items whose rows it was accepted to lose")),
        added("differences", models.JSONField(default=list, help_text="kind, item, promised, found: why it was held")),
        added("accepted_by", models.CharField(blank=True, default="", help_text="who let it go on with these differences", max_length=150)),
        added("stop_by", models.CharField(blank=True, default="", help_text="who asked it to stop", max_length=150)),
        migrations.AlterField(
            model_name="batch", name="rows_good", field=models.BigIntegerField(default=0, help_text="rows in the table after it")
        ),
        migrations.AlterField(
            model_name="batch", name="stage", field=models.CharField(choices=STAGES, default="queued", max_length=16)
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="schedule",
                        serialize=False, to="exchange.source",
                    ),
                ),
                ("mode", models.CharField(choices=MODES, max_length=16)),
                ("watermark", models.JSONField(default=dict, help_text="column, type, overlap")),
                ("rhythm", models.CharField(choices=RHYTHMS, max_length=16)),
                ("minutes", models.PositiveIntegerField(default=0)),
                ("at", models.TimeField(default=datetime.time(2))),
                ("weekday", models.PositiveSmallIntegerField(default=0)),
                ("cron", models.CharField(blank=True, default="", max_length=100)),
                ("paused", models.BooleanField(default=False)),
                ("next_at", models.DateTimeField(null=True)),
                ("set_by", models.CharField(max_length=150)),
                ("set_at", models.DateTimeField()),
                (
                    "needs",
                    models.ManyToManyField(help_text="it comes after these", related_name="needed_by", to="exchange.schedule"),
                ),
            ],
            options={
                "ordering": ["-source_id"],
                "indexes": [
                    models.Index(condition=models.Q(("paused", False)), fields=["next_at"], name="exchange_schedule_due")
                ],
            },
        ),
    ]
