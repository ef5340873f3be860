# SPDX-License-Identifier: Apache-2.0
"""Demands and responsibilities."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('organisations', '0001_initial'),
        ('sharing', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=24, unique=True)),
                ('made_by', models.CharField(max_length=150)),
                ('writers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=150), help_text='accounts that had a hand in what it says', size=None)),
                ('made_at', models.DateTimeField()),
                ('name', models.CharField(max_length=200)),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('basis_kind', models.CharField(blank=True, choices=[('law', '法律'), ('regulation', '行政法规'), ('state_council_decision', '国务院决定'), ('duty', '部门职责')], default='', max_length=24)),
                ('basis', models.CharField(blank=True, default='', help_text='citation with its clause', max_length=500)),
                ('scene', models.CharField(blank=True, default='', max_length=500)),
                ('purpose', models.CharField(blank=True, default='', max_length=200)),
                ('expected_words', models.CharField(blank=True, default='', max_length=200)),
                ('coverage', models.CharField(blank=True, default='', help_text='region and years, in words', max_length=200)),
                ('urgency', models.CharField(choices=[('ordinary', '一般'), ('pressing', '较急'), ('urgent', '紧急')], default='ordinary', max_length=16)),
                ('needed_by', models.DateField(null=True)),
                ('stage', models.CharField(choices=[('draft', '草稿'), ('filed', '待本部门同意'), ('returned', '退回修改'), ('reviewing', '待主管部门处理'), ('assigned', '待责任部门答复'), ('compiling', '编目中'), ('matched', '已匹配目录'), ('answered', '已编目可申请'), ('fulfilled', '已满足'), ('declined', '不予受理'), ('withdrawn', '已撤回')], default='draft', max_length=16)),
                ('note', models.CharField(blank=True, default='', help_text='why returned, declined, matched or sent back', max_length=1000)),
                ('filed_at', models.DateTimeField(null=True)),
                ('endorsed_by', models.CharField(blank=True, default='', max_length=150)),
                ('endorsed_at', models.DateTimeField(null=True)),
                ('reviewed_by', models.CharField(blank=True, default='', max_length=150)),
                ('reviewed_at', models.DateTimeField(help_text='matched, assigned or declined by the authority', null=True)),
                ('answered_by', models.CharField(blank=True, default='', max_length=150)),
                ('answered_at', models.DateTimeField(help_text='when there was an entry to ask for', null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('expected', models.ForeignKey(help_text='thought to hold the data', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('request', models.ForeignKey(help_text='made from it', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.request', to_field='number')),
                ('resource', models.ForeignKey(help_text='entry that answers', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.resource', to_field='code')),
            ],
            options={
                'ordering': ['-made_at', '-number'],
                'indexes': [models.Index(fields=['department', 'stage'], name='demands_department'), models.Index(fields=['stage', '-made_at'], name='demands_stage')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('endorsed_at', None), ('endorsed_by', '')), models.Q(models.Q(('endorsed_by', ''), _negated=True), ('endorsed_at__isnull', False)), _connector='OR'), name='demands_endorsed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('reviewed_at', None), ('reviewed_by', '')), models.Q(models.Q(('reviewed_by', ''), _negated=True), ('reviewed_at__isnull', False)), _connector='OR'), name='demands_reviewed_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', '')), models.Q(models.Q(('answered_by', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='demands_answered_by_and_at'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['matched', 'answered']), _negated=True), ('resource__isnull', False), _connector='OR'), name='demands_answer_names_an_entry'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['declined', 'returned']), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='demands_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('stage__in', ['reviewing', 'assigned', 'compiling', 'declined']), _negated=True), ('endorsed_at__isnull', False), _connector='OR'), name='demands_consent_first')],
            },
        ),
        migrations.CreateModel(
            name='Responsibility',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(help_text='of the demand, and which one it is', max_length=28, unique=True)),
                ('reason', models.CharField(help_text='why this department', max_length=1000)),
                ('assigned_by', models.CharField(max_length=150)),
                ('assigned_at', models.DateTimeField(help_text='the clock starts')),
                ('stage', models.CharField(choices=[('open', '待答复'), ('accepted', '编目中'), ('supplied', '已供给'), ('not_held', '不掌握'), ('ended', '已终止')], default='open', max_length=16)),
                ('opinion', models.CharField(blank=True, default='', help_text='of the answer', max_length=1000)),
                ('answered_by', models.CharField(blank=True, default='', max_length=150)),
                ('answered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('demand', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responsibilities', to='demands.demand')),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('ticket', models.ForeignKey(help_text='the compile task', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.updateticket')),
            ],
            options={
                'verbose_name_plural': 'responsibilities',
                'ordering': ['-assigned_at', '-number'],
                'indexes': [models.Index(fields=['department', 'stage'], name='demands_duty_department')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stage__in', ['open', 'accepted'])), fields=('demand',), name='demands_one_holder'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='demands_assigned_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', '')), models.Q(models.Q(('answered_by', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='demands_duty_answered_by_and_at'), models.CheckConstraint(condition=models.Q(('stage__in', ['open', 'ended']), ('answered_at__isnull', False), _connector='OR'), name='demands_duty_answered'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'not_held'), _negated=True), models.Q(('opinion', ''), _negated=True), _connector='OR'), name='demands_not_held_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('stage', 'accepted'), _negated=True), ('ticket__isnull', False), _connector='OR'), name='demands_accepted_has_a_task')],
            },
        ),
    ]
