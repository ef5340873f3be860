# SPDX-License-Identifier: Apache-2.0
"""Connections to other systems, their secrets sealed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('postgres', 'PostgreSQL 协议数据库'), ('mysql', 'MySQL 协议数据库'), ('s3', 'S3 对象存储'), ('sftp', 'SFTP 文件服务器'), ('http', 'HTTP 数据接口'), ('folder', '本机目录')], max_length=16)),
                ('address', models.JSONField(help_text='parts that may be shown; never a secret')),
                ('account', models.CharField(blank=True, default='', max_length=200)),
                ('sealed', models.BinaryField(default=b'', help_text='secret, sealed under the number; never shown again')),
                ('secret_set_at', models.DateTimeField(null=True)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('tested_at', models.DateTimeField(null=True)),
                ('test_passed', models.BooleanField(null=True)),
                ('test_words', models.CharField(blank=True, default='', help_text='what the last test found', max_length=500)),
                ('test_ms', models.PositiveIntegerField(help_text='how long the last test took', null=True)),
                ('retired_by', models.CharField(blank=True, default='', max_length=150)),
                ('retired_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['department', '-id'], name='connection_by_department')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('department', 'name'), name='connections_one_of_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at', None), ('retired_by', '')), models.Q(models.Q(('retired_by', ''), _negated=True), ('retired_at__isnull', False)), _connector='OR'), name='connections_retired_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('test_passed', None), ('tested_at', None)), models.Q(('test_passed__isnull', False), ('tested_at__isnull', False)), _connector='OR'), name='connections_tested_at_and_how')],
            },
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text="what uses it, such as a resource's code or a delivery's number", max_length=100)),
                ('title', models.CharField(max_length=300)),
                ('href', models.CharField(blank=True, default='', max_length=300)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='connections.connection')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('connection', 'subject'), name='connections_one_use')],
            },
        ),
    ]
