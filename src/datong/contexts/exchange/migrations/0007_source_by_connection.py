# SPDX-License-Identifier: Apache-2.0
"""A source may be read through a connection of its provider."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0001_initial'),
        ('exchange', '0006_collecting'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='connection',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection', to_field='number'),
        ),
        migrations.AlterField(
            model_name='source',
            name='kind',
            field=models.CharField(choices=[('csv', 'CSV 文本文件'), ('xlsx', 'XLSX 电子表格'), ('parquet', 'Parquet 文件'), ('postgres', 'PostgreSQL 库表'), ('connection', '数据源连接')], max_length=16),
        ),
        migrations.AlterField(
            model_name='source',
            name='options',
            field=models.JSONField(default=dict, help_text='encoding, delimiter, sheet, header_row, table; or what is read through the connection'),
        ),
    ]
