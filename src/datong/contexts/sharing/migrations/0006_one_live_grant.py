# SPDX-License-Identifier: Apache-2.0
"""One live grant of a scope; a grant's scope and origin stand as its document does; use records are kept three years."""

from django.db import migrations, models

GUARD = """
create or replace function sharing_grant_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a grant is never deleted' using errcode = 'integrity_constraint_violation';
    end if;
    if (new.number, new.request_id, new.document, new.signature, new.key_id, new.algorithm, new.digest,
        new.resource_id, new.application_id, new.consumer_id, new.provider_id, new.valid_from, new.valid_until,
        new.granted_at, new.purpose, new.supersedes_id)
       is distinct from
       (old.number, old.request_id, old.document, old.signature, old.key_id, old.algorithm, old.digest,
        old.resource_id, old.application_id, old.consumer_id, old.provider_id, old.valid_from, old.valid_until,
        old.granted_at, old.purpose, old.supersedes_id)
    then
        raise exception 'a grant is never edited' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
"""
KEPT = """
create function sharing_use_record_stands() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        raise exception 'a use record is never edited' using errcode = 'integrity_constraint_violation';
    end if;
    if old.made_at > now() - interval '3 years' then
        raise exception 'a use record is kept three years' using errcode = 'integrity_constraint_violation';
    end if;
    return old;
end $$;
create trigger sharing_use_record_stands before update or delete on sharing_userecord
    for each row execute function sharing_use_record_stands();
"""
LET_GO = """
drop trigger sharing_use_record_stands on sharing_userecord;
drop function sharing_use_record_stands();
"""


class Migration(migrations.Migration):
    """Set the guards."""

    dependencies = [("sharing", "0005_grant_life")]
    operations = [
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__in", ["active", "suspended"])),
                fields=("resource", "application", "purpose"),
                name="sharing_one_live_grant_of_a_scope",
            ),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, LET_GO),
    ]
