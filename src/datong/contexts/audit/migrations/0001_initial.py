# SPDX-License-Identifier: Apache-2.0
"""The tables of the spine, and the trigger that makes acts final."""

from django.db import migrations, models


FINAL = """
create function audit_act_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'audit_act only grows: % is refused', tg_op using errcode = 'restrict_violation';
end $$;
create trigger audit_act_final before update or delete or truncate on audit_act
    for each statement execute function audit_act_is_final();
"""
MUTABLE = "drop trigger audit_act_final on audit_act; drop function audit_act_is_final();"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('follower', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField(default=0)),
                ('moved_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='Act',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('tag', models.CharField(max_length=100)),
                ('account', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=100)),
                ('department', models.CharField(max_length=18)),
                ('department_name', models.CharField(max_length=200)),
                ('roles', models.CharField(max_length=300)),
                ('subject', models.CharField(max_length=300)),
                ('facts', models.TextField()),
                ('leaf', models.BinaryField(max_length=32)),
            ],
            options={
                'indexes': [models.Index(fields=['department', '-seq'], name='audit_act_department'), models.Index(fields=['subject', '-seq'], name='audit_act_subject'), models.Index(fields=['tag', '-seq'], name='audit_act_tag')],
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('value', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='audit_counter_one_row')],
            },
        ),
        migrations.RunSQL(FINAL, MUTABLE),
    ]
