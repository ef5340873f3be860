# SPDX-License-Identifier: Apache-2.0
"""Deputies: whose work is done by whom, from a first to a last day."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0002_answers'),
    ]

    operations = [
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
    ]
