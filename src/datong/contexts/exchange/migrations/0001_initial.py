# SPDX-License-Identifier: Apache-2.0
"""Sources, batches, schedules, policy snapshots, calls, recipients, cases of drift."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('connections', '0001_initial'),
        ('sharing', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicySnapshot',
            fields=[
                ('version', models.BigIntegerField(primary_key=True, serialize=False)),
                ('document', models.BinaryField()),
                ('digest', models.CharField(help_text='SHA-256 of the policy without version and times', max_length=64)),
                ('issued_at', models.DateTimeField()),
                ('lease_ends', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('csv', 'CSV 文本文件'), ('xlsx', 'XLSX 电子表格'), ('parquet', 'Parquet 文件'), ('postgres', 'PostgreSQL 库表'), ('connection', '数据源连接')], max_length=16)),
                ('name', models.CharField(help_text='file name or schema.table as the provider knows it', max_length=200)),
                ('stored', models.CharField(blank=True, default='', help_text="path below the node's uploads folder", max_length=300)),
                ('digest', models.CharField(blank=True, default='', help_text='SHA-256 of the file', max_length=64)),
                ('options', models.JSONField(default=dict, help_text='encoding, delimiter, sheet, header_row, table; or what is read through the connection')),
                ('mapping', models.JSONField(default=dict, help_text='item field -> column of the source')),
                ('secret', models.BinaryField(default=b'', help_text='sealed connection string; never shown again')),
                ('attached_by', models.CharField(max_length=150)),
                ('attached_at', models.DateTimeField(auto_now_add=True)),
                ('connection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection', to_field='number')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('log', models.CharField(max_length=64)),
                ('index', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('request_id', models.CharField(max_length=64)),
                ('grant', models.CharField(blank=True, default='', max_length=40)),
                ('resource', models.CharField(blank=True, default='', max_length=64)),
                ('client', models.CharField(blank=True, default='', max_length=64)),
                ('department', models.CharField(blank=True, default='', max_length=18)),
                ('channel', models.CharField(max_length=16)),
                ('purpose', models.CharField(blank=True, default='', max_length=500)),
                ('case', models.CharField(blank=True, default='', max_length=200)),
                ('status', models.PositiveSmallIntegerField()),
                ('code', models.CharField(blank=True, default='', max_length=40)),
                ('rows', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['-at', '-index'],
                'indexes': [models.Index(fields=['grant', '-at'], name='call_by_grant'), models.Index(fields=['resource', '-at'], name='call_by_resource'), models.Index(condition=models.Q(('department', ''), _negated=True), fields=['department', '-at'], name='call_by_department')],
                'constraints': [models.UniqueConstraint(fields=('log', 'index'), name='call_place_unique')],
            },
        ),
        migrations.CreateModel(
            name='LinkTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visitor', models.CharField(help_text='keyed hash of the address, another one each day', max_length=64)),
                ('hour', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['hour'], name='exchange_link_try_hour')],
                'constraints': [models.UniqueConstraint(fields=('visitor', 'hour'), name='exchange_link_try_once')],
            },
        ),
        migrations.CreateModel(
            name='ActivationLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret_hash', models.CharField(help_text='SHA-256 of the secret; the secret is kept nowhere', max_length=64, unique=True)),
                ('networks', models.JSONField(help_text='networks of the recipient; null: those of the one before', null=True)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(null=True)),
                ('withdrawn_by', models.CharField(blank=True, default='', help_text='also who made a newer one', max_length=150)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('opened_at', None), ('withdrawn_by', '')), fields=('grant',), name='exchange_one_link_of_a_grant')],
            },
        ),
        migrations.CreateModel(
            name='Recipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(help_text='SHA-256 of the bearer token; the token itself is kept nowhere', max_length=64, unique=True)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(help_text='set when a newer one was taken, or it was stopped', null=True)),
                ('stopped_by', models.CharField(blank=True, default='', help_text='who ended it at once', max_length=150)),
                ('networks', models.JSONField(default=list, help_text='networks it reads from, in CIDR notation; none: from everywhere')),
                ('last_used_at', models.DateTimeField(help_text='last request answered, as the evidence says', null=True)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.grant', to_field='number')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ends_at', None)), fields=('grant',), name='exchange_one_recipient_of_a_grant'), models.CheckConstraint(condition=models.Q(('stopped_by', ''), ('ends_at__isnull', False), _connector='OR'), name='exchange_stopped_has_ended')],
            },
        ),
        migrations.CreateModel(
            name='DriftCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='number of the catalogue version that was compared')),
                ('stage', models.CharField(choices=[('open', '待核实'), ('acknowledged', '整改中'), ('mended', '已一致'), ('dismissed', '无须整改')], default='open', max_length=16)),
                ('findings', models.JSONField(help_text='kind, item, promised, found of each difference')),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('checked_at', models.DateTimeField(help_text='when it was compared last')),
                ('acknowledged_by', models.CharField(blank=True, default='', max_length=150)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('plan', models.CharField(blank=True, default='', help_text='what the provider will do', max_length=1000)),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ending', models.CharField(blank=True, default='', help_text='why it was dismissed', max_length=1000)),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='exchange.source')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage__in', ['open', 'acknowledged'])), fields=('resource',), name='exchange_one_drift_unsettled'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='exchange_drift_ended_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'dismissed'), _negated=True), models.Q(('ending', ''), _negated=True), _connector='OR'), name='exchange_drift_dismissed_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='number of the catalogue version whose items typed the rows')),
                ('mode', models.CharField(choices=[('full', '全量'), ('keys', '按主键比对'), ('watermark', '按水位增量'), ('log', '按数据库日志')], default='full', max_length=16)),
                ('watermark', models.JSONField(default=dict, help_text='column, type, overlap or publication; landed: last value, zoned')),
                ('asked_by', models.CharField(blank=True, default='', help_text='who queued it; empty: its schedule', max_length=150)),
                ('stage', models.CharField(choices=[('queued', '排队中'), ('running', '装载中'), ('held', '待确认'), ('landed', '已入湖'), ('failed', '装载失败'), ('cancelled', '已取消'), ('recalled', '已召回')], default='queued', max_length=16)),
                ('phase', models.CharField(blank=True, choices=[('reading', '读取来源'), ('comparing', '核验比对'), ('writing', '写入数据湖'), ('indexing', '更新查询索引')], default='', max_length=16)),
                ('rows_read', models.BigIntegerField(default=0)),
                ('rows_good', models.BigIntegerField(default=0, help_text='rows in the table after it')),
                ('rows_bad', models.BigIntegerField(default=0)),
                ('inserted', models.BigIntegerField(default=0)),
                ('updated', models.BigIntegerField(default=0)),
                ('deleted', models.BigIntegerField(default=0)),
                ('unchanged', models.BooleanField(default=False, help_text='landed without a new version: the source held the same')),
                ('lake_version', models.BigIntegerField(null=True)),
                ('index', models.CharField(blank=True, default='', help_text="serving index, relative to the node's folder", max_length=300)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('error', models.TextField(blank=True, default='')),
                ('log', models.JSONField(default=list, help_text='lines a person can read, oldest first')),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='how often the landing was begun')),
                ('shape', models.JSONField(default=dict, help_text='columns of the source, and items whose rows it was accepted to lose')),
                ('differences', models.JSONField(default=list, help_text='kind, item, promised, found: why it was held')),
                ('accepted_by', models.CharField(blank=True, default='', help_text='who let it go on with these differences', max_length=150)),
                ('stop_by', models.CharField(blank=True, default='', help_text='who asked it to stop', max_length=150)),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='exchange.source')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['stage', '-id'], name='batch_by_stage')],
            },
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='schedule', serialize=False, to='exchange.source')),
                ('mode', models.CharField(choices=[('full', '全量'), ('keys', '按主键比对'), ('watermark', '按水位增量'), ('log', '按数据库日志')], max_length=16)),
                ('watermark', models.JSONField(default=dict, help_text='column, type, overlap; or publication')),
                ('rhythm', models.CharField(choices=[('on_demand', '按需'), ('every', '每隔一段时间'), ('daily', '每天'), ('weekly', '每周'), ('cron', '按时间表达式'), ('after', '前置计划入湖后')], max_length=16)),
                ('minutes', models.PositiveIntegerField(default=0)),
                ('at', models.TimeField(default=datetime.time(2, 0))),
                ('weekday', models.PositiveSmallIntegerField(default=0)),
                ('cron', models.CharField(blank=True, default='', max_length=100)),
                ('paused', models.BooleanField(default=False)),
                ('next_at', models.DateTimeField(null=True)),
                ('set_by', models.CharField(max_length=150)),
                ('set_at', models.DateTimeField()),
                ('needs', models.ManyToManyField(help_text='it comes after these', related_name='needed_by', to='exchange.schedule')),
            ],
            options={
                'ordering': ['-source_id'],
                'indexes': [models.Index(condition=models.Q(('paused', False)), fields=['next_at'], name='exchange_schedule_due')],
            },
        ),
    ]
