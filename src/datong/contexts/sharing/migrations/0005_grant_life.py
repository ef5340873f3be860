# SPDX-License-Identifier: Apache-2.0
"""The life of a grant in full: superseded, terminated, destroyed; reminders, use records, changes of a service."""

import django.db.models.deletion
from django.db import migrations, models

PURPOSES = """
update sharing_grant set purpose = convert_from(document, 'UTF8')::jsonb ->> 'purpose'
"""


class Migration(migrations.Migration):
    """Make the tables, say of each grant what it is for."""

    dependencies = [
        ("catalog", "0005_imports"),
        ("organisations", "0002_answers"),
        ("sharing", "0004_baskets_and_wishes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grants", models.JSONField(default=list, help_text="numbers of its live grants when it was proposed")),
                (
                    "answer",
                    models.CharField(
                        choices=[("pending", "未答复"), ("agreed", "同意"), ("objected", "有异议")],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(blank=True, default="", max_length=1000)),
                ("answered_by", models.CharField(blank=True, default="", max_length=150)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="DisposalTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("open", "待销毁"),
                            ("breached", "逾期未销毁"),
                            ("certified", "已提交销毁证明"),
                            ("lifted", "已免除销毁"),
                        ],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("ordered_at", models.DateTimeField()),
                ("due", models.DateField(help_text="last day, in Shanghai")),
                ("demand", models.CharField(blank=True, default="", help_text="how the provider wants it done", max_length=1000)),
                ("what", models.CharField(blank=True, default="", help_text="which data, where they were", max_length=1000)),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("erased", "删除并覆写"),
                            ("crypto", "销毁密钥"),
                            ("media", "销毁介质"),
                            ("nothing_kept", "未留存数据"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("performed_by", models.CharField(blank=True, default="", help_text="who destroyed it", max_length=200)),
                ("performed_on", models.DateField(null=True)),
                ("file_name", models.CharField(blank=True, default="", max_length=200)),
                ("file", models.BinaryField(default=b"", help_text="scanned certificate, if there is one")),
                ("file_digest", models.CharField(blank=True, default="", help_text="SHA-256", max_length=64)),
                ("reason", models.CharField(blank=True, default="", help_text="why it was lifted", max_length=1000)),
                ("settled_by", models.CharField(blank=True, default="", max_length=150)),
                ("settled_at", models.DateTimeField(null=True)),
                ("breached_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["due", "number"],
            },
        ),
        migrations.CreateModel(
            name="GrantReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.PositiveSmallIntegerField(help_text="30, 7 or 1 days before the last one")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True)),
                ("kind", models.CharField(choices=[("stop", "停止服务"), ("alter", "变更服务")], max_length=16)),
                ("what", models.CharField(help_text="what is to change", max_length=2000)),
                ("reason", models.CharField(max_length=2000)),
                ("effective_on", models.DateField(help_text="first day on which it may take effect")),
                ("answer_by", models.DateField(help_text="last day for the consumers' answers")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("negotiating", "与使用部门协商中"),
                            ("filed", "待主管部门备案"),
                            ("recorded", "已备案待生效"),
                            ("effected", "已生效"),
                            ("declined", "不予备案"),
                            ("dropped", "已撤回"),
                        ],
                        default="negotiating",
                        max_length=16,
                    ),
                ),
                ("proposed_by", models.CharField(max_length=150)),
                ("proposed_at", models.DateTimeField()),
                ("filed_by", models.CharField(blank=True, default="", max_length=150)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "negotiation",
                    models.CharField(blank=True, default="", help_text="how it was settled, in words", max_length=2000),
                ),
                ("decided_by", models.CharField(blank=True, default="", max_length=150)),
                ("decided_at", models.DateTimeField(null=True)),
                ("filing", models.CharField(blank=True, default="", help_text="number of the filing (备案)", max_length=100)),
                ("opinion", models.CharField(blank=True, default="", max_length=2000)),
                ("ended_by", models.CharField(blank=True, default="", max_length=150)),
                ("ended_at", models.DateTimeField(help_text="took effect, or was dropped", null=True)),
            ],
            options={
                "ordering": ["-proposed_at", "-number"],
            },
        ),
        migrations.CreateModel(
            name="UseRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_from", models.DateField()),
                ("used_until", models.DateField()),
                ("scenario", models.CharField(help_text="使用场景", max_length=500)),
                ("process", models.CharField(help_text="使用过程", max_length=1000)),
                ("effect", models.CharField(help_text="应用成效", max_length=1000)),
                ("storage", models.CharField(help_text="存储情况", max_length=500)),
                ("destruction", models.CharField(help_text="销毁情况", max_length=500)),
                ("made_by", models.CharField(max_length=150)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-used_until", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="grant",
            name="delivered_at",
            field=models.DateTimeField(help_text="first call that was truly answered, or batch that landed", null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="mend_by",
            field=models.DateField(help_text="last day to put right what it was suspended for", null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="purpose",
            field=models.CharField(
                default="", help_text="as in the document: with resource and application the scope", max_length=200
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="grant",
            name="supersedes",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="successors", to="sharing.grant"
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="stage",
            field=models.CharField(
                choices=[
                    ("active", "有效"),
                    ("suspended", "已暂停"),
                    ("revoked", "已撤销"),
                    ("expired", "已到期"),
                    ("terminated", "使用方已终止"),
                    ("superseded", "已由新授权取代"),
                    ("disposed", "数据已销毁"),
                ],
                default="active",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="changereply",
            name="consumer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.department"),
        ),
        migrations.AddField(
            model_name="disposaltask",
            name="grant",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="disposal", to="sharing.grant"),
        ),
        migrations.AddField(
            model_name="grantreminder",
            name="grant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="sharing.grant"),
        ),
        migrations.AddField(
            model_name="servicechange",
            name="provider",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisations.department"),
        ),
        migrations.AddField(
            model_name="servicechange",
            name="resource",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.resource", to_field="code"
            ),
        ),
        migrations.AddField(
            model_name="changereply",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="sharing.servicechange"
            ),
        ),
        migrations.AddField(
            model_name="userecord",
            name="grant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="sharing.grant"),
        ),
        migrations.AddIndex(
            model_name="disposaltask",
            index=models.Index(fields=["stage", "due"], name="sharing_disposal_due"),
        ),
        migrations.AddConstraint(
            model_name="disposaltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("settled_by", "")),
                    models.Q(models.Q(("settled_by", ""), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_disposal_settled_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposaltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "certified"), _negated=True),
                    models.Q(
                        models.Q(("what", ""), _negated=True),
                        models.Q(("method", ""), _negated=True),
                        models.Q(("performed_by", ""), _negated=True),
                        ("performed_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="sharing_disposal_certificate_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposaltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "lifted"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="sharing_disposal_lifted_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposaltask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "breached"), _negated=True), ("breached_at__isnull", False), _connector="OR"
                ),
                name="sharing_disposal_breach_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="grantreminder",
            constraint=models.UniqueConstraint(fields=("grant", "days"), name="sharing_reminded_once"),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filed_at", None), ("filed_by", "")),
                    models.Q(models.Q(("filed_by", ""), _negated=True), ("filed_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_change_filed_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", "")),
                    models.Q(models.Q(("decided_by", ""), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_change_decided_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", "")),
                    models.Q(models.Q(("ended_by", ""), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_change_ended_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["negotiating", "filed", "recorded"])),
                fields=("resource",),
                name="sharing_one_change_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage__in", ["recorded", "effected"]), _negated=True),
                    models.Q(("filing", ""), _negated=True),
                    _connector="OR",
                ),
                name="sharing_change_was_filed",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage", "declined"), _negated=True), models.Q(("opinion", ""), _negated=True), _connector="OR"
                ),
                name="sharing_change_declined_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="changereply",
            constraint=models.UniqueConstraint(fields=("change", "consumer"), name="sharing_change_one_reply"),
        ),
        migrations.AddConstraint(
            model_name="changereply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by", "")),
                    models.Q(models.Q(("answered_by", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="sharing_reply_answered_by_and_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="changereply",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "objected"), _negated=True), models.Q(("words", ""), _negated=True), _connector="OR"
                ),
                name="sharing_objection_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="userecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_until__gte", models.F("used_from"))), name="sharing_use_in_order"
            ),
        ),
        migrations.RunSQL(PURPOSES, migrations.RunSQL.noop),
    ]
