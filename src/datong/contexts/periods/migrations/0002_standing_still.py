# SPDX-License-Identifier: Apache-2.0
"""Clocks that stand still for a while with a reason, and the consent an extension rests on."""
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('periods', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='clock',
            name='consent',
            field=models.CharField(blank=True, default='', help_text="the authority's consent to the extension", max_length=64),
        ),
        migrations.AddField(
            model_name='clock',
            name='paused_at',
            field=models.DateTimeField(help_text='since when it stands still; `due` is then as of that moment', null=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('reminder', '到期提醒'), ('overdue', '超期督办'), ('urged', '人工督办'), ('told', '通知'), ('fault', '无人可办')], max_length=16),
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
