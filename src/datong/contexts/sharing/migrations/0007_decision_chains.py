# SPDX-License-Identifier: Apache-2.0
"""Chains of opinions before a decision, policies that set them, more time asked for.

Requests that wait for an answer get the one step they had without saying so: the provider's head.
"""

import django.db.models.deletion
from django.db import migrations, models


STEPS = """
    insert into sharing_decisionstep
        (request_id, round, position, seat, mode, role, department_id, region, decides, stage, opened_at, opinion, words, account, name)
    select id, 1, 1, 1, 'all', 'provider_head', provider_id, '', true, 'open', endorsed_at, '', '', '', ''
    from sharing_request where stage = 'endorsed'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0002_answers'),
        ('sharing', '0006_one_live_grant'),
    ]

    operations = [
        migrations.CreateModel(
            name='DecisionPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(blank=True, choices=[('core', '核心数据'), ('important', '重要数据'), ('general_4', '一般数据四级'), ('general_3', '一般数据三级'), ('general_2', '一般数据二级'), ('general_1', '一般数据一级')], default='', help_text='empty: any', max_length=16)),
                ('sharing_type', models.CharField(blank=True, choices=[('unconditional', '无条件共享'), ('conditional', '有条件共享'), ('withheld', '不予共享')], default='', help_text='empty: any', max_length=16)),
                ('steps', models.JSONField(blank=True, default=list, help_text="before the provider's head: [{mode, posts}]")),
                ('automatic', models.BooleanField(default=False, help_text='unconditional requests are answered by the node')),
                ('ordered', models.BooleanField(default=False, help_text='set by the authority: a head does not change it')),
                ('reason', models.TextField(help_text='why it is so')),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('ended_by', models.CharField(blank=True, default='', max_length=150)),
                ('ended_at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.region')),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DecisionStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField(default=1, help_text='grows when a completed request comes again')),
                ('position', models.PositiveSmallIntegerField()),
                ('seat', models.PositiveSmallIntegerField(default=1, help_text='place of the post in its step')),
                ('mode', models.CharField(choices=[('all', '会签'), ('one', '任一即可')], default='all', max_length=8)),
                ('role', models.CharField(choices=[('provider_compiler', '目录编制人'), ('provider_head', '提供方负责人'), ('consumer_applicant', '共享申请人'), ('consumer_head', '需求方负责人'), ('authority', '数据共享主管部门'), ('auditor', '安全审计员'), ('security_officer', '安全保密员'), ('system_administrator', '系统管理员')], max_length=32)),
                ('region', models.CharField(blank=True, default='', help_text='where any department of it may answer', max_length=6)),
                ('decides', models.BooleanField(default=False)),
                ('stage', models.CharField(choices=[('waiting', '尚未轮到'), ('open', '待出具意见'), ('answered', '已出具意见'), ('spared', '他人已办，免办'), ('ended', '申请已结束，免办')], default='waiting', max_length=16)),
                ('opened_at', models.DateTimeField(null=True)),
                ('vacant_at', models.DateTimeField(help_text='when it was found that nobody holds the post', null=True)),
                ('opinion', models.CharField(blank=True, choices=[('agree', '同意'), ('part', '部分同意'), ('object', '反对')], default='', max_length=8)),
                ('words', models.TextField(blank=True, default='')),
                ('account', models.CharField(blank=True, default='', max_length=150)),
                ('name', models.CharField(blank=True, default='', help_text='of the officer, as it was then', max_length=150)),
                ('at', models.DateTimeField(null=True)),
                ('department', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.department')),
                ('policy', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.decisionpolicy')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='sharing.request')),
            ],
            options={
                'ordering': ['request', 'round', 'position', 'seat'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.PositiveSmallIntegerField(help_text='working days')),
                ('reason', models.TextField()),
                ('stage', models.CharField(choices=[('asked', '待主管部门同意延期'), ('granted', '同意延期'), ('declined', '不同意延期'), ('lapsed', '申请已办结，不再延期')], default='asked', max_length=16)),
                ('asked_by', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('opinion', models.TextField(blank=True, default='')),
                ('decided_by', models.CharField(blank=True, default='', max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='extension', to='sharing.request')),
            ],
            options={
                'ordering': ['-asked_at'],
            },
        ),
        migrations.AddConstraint(
            model_name='decisionpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('automatic', False), ('ordered', True), _connector='OR'), name='sharing_policy_automatic_ordered'),
        ),
        migrations.AddConstraint(
            model_name='decisionpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('region', 'department', 'level', 'sharing_type'), name='sharing_policy_one_in_force', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='decisionpolicy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', '')), models.Q(models.Q(('ended_by', ''), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='sharing_policy_ended_by_and_at'),
        ),
        migrations.AddConstraint(
            model_name='decisionpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('automatic', False), models.Q(('level__in', ['core', 'important']), _negated=True), _connector='OR'), name='sharing_policy_automatic_below_important'),
        ),
        migrations.AddConstraint(
            model_name='decisionpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('automatic', False), ('sharing_type', 'unconditional'), _connector='OR'), name='sharing_policy_automatic_unconditional'),
        ),
        migrations.AddIndex(
            model_name='decisionstep',
            index=models.Index(condition=models.Q(('stage', 'open')), fields=['role', 'department'], name='sharing_step_open'),
        ),
        migrations.AddIndex(
            model_name='decisionstep',
            index=models.Index(fields=['department'], name='sharing_step_department'),
        ),
        migrations.AddConstraint(
            model_name='decisionstep',
            constraint=models.UniqueConstraint(fields=('request', 'round', 'position', 'seat'), name='sharing_step_one_place'),
        ),
        migrations.AddConstraint(
            model_name='decisionstep',
            constraint=models.UniqueConstraint(condition=models.Q(('decides', True)), fields=('request', 'round'), name='sharing_step_one_decides'),
        ),
        migrations.AddConstraint(
            model_name='decisionstep',
            constraint=models.UniqueConstraint(condition=models.Q(('account', ''), _negated=True), fields=('request', 'round', 'account'), name='sharing_step_one_answer_each'),
        ),
        migrations.AddConstraint(
            model_name='decisionstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('at__isnull', False), ('stage', 'answered'), models.Q(('account', ''), _negated=True), models.Q(('opinion', ''), _negated=True)), models.Q(models.Q(('stage', 'answered'), _negated=True), ('account', ''), ('at', None), ('opinion', '')), _connector='OR'), name='sharing_step_answered_by_and_at'),
        ),
        migrations.AddConstraint(
            model_name='decisionstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('opinion__in', ['object', 'part']), _negated=True), models.Q(('words', ''), _negated=True), _connector='OR'), name='sharing_step_objection_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 10)), name='sharing_extension_ten_days'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='sharing_extension_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', '')), models.Q(models.Q(('decided_by', ''), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='sharing_extension_decided_by_and_at'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('stage', 'asked'), ('decided_at__isnull', False), _connector='OR'), name='sharing_extension_decided'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='sharing_nobody_consents_own_extension'),
        ),
        migrations.RunSQL(STEPS, migrations.RunSQL.noop),
    ]
