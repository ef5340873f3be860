# SPDX-License-Identifier: Apache-2.0
"""The first tables of exchange."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
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
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('csv', 'CSV 文本文件'), ('xlsx', 'XLSX 电子表格'), ('parquet', 'Parquet 文件'), ('postgres', 'PostgreSQL 库表')], max_length=16)),
                ('name', models.CharField(help_text='file name or schema.table as the provider knows it', max_length=200)),
                ('stored', models.CharField(blank=True, default='', help_text="path below the node's uploads folder", max_length=300)),
                ('digest', models.CharField(blank=True, default='', help_text='SHA-256 of the file', max_length=64)),
                ('options', models.JSONField(default=dict, help_text='encoding, delimiter, sheet, header_row, table')),
                ('mapping', models.JSONField(default=dict, help_text='item field -> column of the source')),
                ('secret', models.BinaryField(default=b'', help_text='sealed connection string; never shown again')),
                ('attached_by', models.CharField(max_length=150)),
                ('attached_at', models.DateTimeField(auto_now_add=True)),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(help_text='number of the catalogue version whose items typed the rows')),
                ('stage', models.CharField(choices=[('queued', '排队中'), ('running', '装载中'), ('landed', '已入湖'), ('failed', '装载失败')], default='queued', max_length=16)),
                ('rows_read', models.BigIntegerField(default=0)),
                ('rows_good', models.BigIntegerField(default=0)),
                ('rows_bad', models.BigIntegerField(default=0)),
                ('lake_version', models.BigIntegerField(null=True)),
                ('index', models.CharField(blank=True, default='', help_text="serving index, relative to the node's folder", max_length=300)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('error', models.TextField(blank=True, default='')),
                ('log', models.JSONField(default=list, help_text='lines a person can read, oldest first')),
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
    ]
