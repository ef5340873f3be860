# SPDX-License-Identifier: Apache-2.0
"""Regions, departments, people and their appointments, applications, deputies, calendars, answers kept for repeated writes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('version', models.PositiveIntegerField()),
                ('days', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('source', models.CharField(max_length=300)),
                ('published', models.BooleanField()),
                ('imported_by', models.CharField(max_length=64)),
                ('imported_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('year', 'version'), name='organisations_calendar_version'), models.CheckConstraint(condition=models.Q(('year__gte', 1949), ('year__lte', 2200)), name='organisations_calendar_year')],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=6, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('level', models.CharField(choices=[('national', '国家级'), ('province', '省级'), ('city', '地级'), ('county', '县级')], max_length=16)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.region')),
            ],
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('uscc', models.CharField(max_length=18, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('short_name', models.CharField(max_length=50)),
                ('kind', models.CharField(choices=[('government', '人民政府'), ('department', '政府部门'), ('empowered', '法律法规授权的组织')], max_length=16)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.region')),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('active', models.BooleanField(default=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('locked_until', models.DateTimeField(null=True)),
                ('must_change_password', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=255)),
                ('request', models.CharField(help_text='keyed digest of method, address and body', max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(help_text='content type', max_length=100)),
                ('body', models.BinaryField(help_text='null: it held a secret and is kept nowhere', null=True)),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, to_field='username')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='organisations_answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('provider_compiler', '目录编制人'), ('provider_head', '提供方负责人'), ('consumer_applicant', '共享申请人'), ('consumer_head', '需求方负责人'), ('authority', '数据共享主管部门'), ('auditor', '安全审计员'), ('security_officer', '安全保密员'), ('system_administrator', '系统管理员')], max_length=32)),
                ('appointed_by', models.CharField(max_length=64)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'role'), name='organisations_role_once'), models.UniqueConstraint(condition=models.Q(('role__in', ['auditor', 'security_officer', 'system_administrator'])), fields=('account',), name='organisations_one_of_three')],
            },
        ),
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('provider_compiler', '目录编制人'), ('provider_head', '提供方负责人'), ('consumer_applicant', '共享申请人'), ('consumer_head', '需求方负责人'), ('authority', '数据共享主管部门'), ('auditor', '安全审计员'), ('security_officer', '安全保密员'), ('system_administrator', '系统管理员')], max_length=32), size=None)),
                ('first_day', models.DateField(help_text='in Shanghai')),
                ('last_day', models.DateField(help_text='in Shanghai')),
                ('reason', models.CharField(max_length=300)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('ended_by', models.CharField(blank=True, default='', help_text='who ended it before its last day', max_length=64)),
                ('ended_at', models.DateTimeField(null=True)),
                ('deputy', models.ForeignKey(help_text='who does it', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('principal', models.ForeignKey(help_text='whose work it is', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['deputy'], name='organisations_deputies')],
                'constraints': [models.CheckConstraint(condition=models.Q(('principal', models.F('deputy')), _negated=True), name='organisations_nobody_is_own_deputy'), models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='organisations_delegation_forward'), models.CheckConstraint(condition=models.Q(('roles', []), _negated=True), name='organisations_delegation_has_roles'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='organisations_delegation_has_reason'), models.CheckConstraint(condition=models.Q(('roles__overlap', ['auditor', 'security_officer', 'system_administrator']), _negated=True), name='organisations_delegation_never_of_three'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='organisations_delegation_ended_by_and_at')],
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('client_id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('address', models.CharField(max_length=200)),
                ('responsible', models.CharField(max_length=100)),
                ('public_key', models.TextField()),
                ('key_id', models.CharField(max_length=16, unique=True)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('department', 'name'), name='organisations_application_name')],
            },
        ),
    ]
