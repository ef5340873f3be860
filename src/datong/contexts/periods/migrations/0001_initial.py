# SPDX-License-Identifier: Apache-2.0
"""Clocks, their standing still, notices, and the counter of numbers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(help_text='request, grant, entry, ticket', max_length=16)),
                ('subject', models.CharField(help_text='its number or code', max_length=44)),
                ('title', models.CharField(blank=True, default='', help_text='what people call it', max_length=300)),
                ('href', models.CharField(blank=True, default='', help_text='page that shows it', max_length=200)),
                ('role', models.CharField(blank=True, default='', help_text='who has to act', max_length=32)),
                ('department', models.CharField(blank=True, default='', help_text='of which department', max_length=18)),
                ('region', models.CharField(blank=True, default='', help_text='whose authority is told when it runs out', max_length=6)),
                ('rule', models.CharField(help_text='such as 809-21-conditional', max_length=32)),
                ('started_at', models.DateTimeField()),
                ('days', models.PositiveSmallIntegerField(help_text='working days, an extension not counted')),
                ('extended_days', models.PositiveSmallIntegerField(default=0)),
                ('consent', models.CharField(blank=True, default='', help_text="the authority's consent to the extension", max_length=64)),
                ('due', models.DateField(help_text='last day, in Shanghai')),
                ('calendar_version', models.CharField(max_length=64)),
                ('published', models.BooleanField(help_text='false: the period runs into a year not announced yet')),
                ('warning', models.CharField(blank=True, default='', max_length=300)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('escalated_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(help_text='since when it stands still; `due` is then as of that moment', null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stopped_by', models.CharField(blank=True, default='', help_text='tag of the act that stopped it', max_length=64)),
            ],
            options={
                'ordering': ['due'],
                'indexes': [models.Index(condition=models.Q(('stopped_at', None)), fields=['due'], name='periods_clock_running'), models.Index(fields=['subject'], name='periods_clock_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('subject_kind', 'subject', 'rule'), name='periods_clock_runs_once'), models.CheckConstraint(condition=models.Q(('stopped_at', None), ('stopped_at__gte', models.F('started_at')), _connector='OR'), name='periods_clock_forward')],
            },
        ),
        migrations.CreateModel(
            name='Numbering',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=4)),
                ('day', models.DateField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'day'), name='periods_numbering_once')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reminder', '到期提醒'), ('overdue', '超期督办'), ('urged', '人工督办'), ('told', '通知'), ('fault', '无人可办')], max_length=16)),
                ('subject_kind', models.CharField(max_length=16)),
                ('subject', models.CharField(max_length=44)),
                ('title', models.CharField(max_length=300)),
                ('href', models.CharField(blank=True, default='', max_length=200)),
                ('words', models.CharField(blank=True, default='', help_text='what to do, in both languages', max_length=1000)),
                ('role', models.CharField(max_length=32)),
                ('department', models.CharField(blank=True, default='', help_text="empty: the region's authority", max_length=18)),
                ('region', models.CharField(blank=True, default='', max_length=6)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=150)),
                ('settled_at', models.DateTimeField(null=True)),
                ('clock', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='periods.clock')),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['role', 'department'], name='periods_notice_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('settled_by', '')), models.Q(models.Q(('settled_by', ''), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='periods_notice_settled_by_and_at')],
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('began_at', models.DateTimeField()),
                ('began_by', models.CharField(help_text='tag of the act that paused it', max_length=64)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(blank=True, default='', help_text='tag of the act that let it go on', max_length=64)),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='periods.clock')),
            ],
            options={
                'ordering': ['began_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('clock',), name='periods_pause_one_at_a_time'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('began_at')), _connector='OR'), name='periods_pause_forward'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_by', ''), _negated=True)), _connector='OR'), name='periods_pause_ended_by_and_at'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='periods_pause_has_reason')],
            },
        ),
    ]
