# SPDX-License-Identifier: Apache-2.0
"""A grant is never edited or deleted, a use record stays for three years: the database itself refuses."""

from django.db import migrations

GUARD = """
create function sharing_grant_stands() returns trigger language plpgsql as $$
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
create trigger sharing_grant_stands before update or delete on sharing_grant
    for each row execute function sharing_grant_stands();
"""
UNDO = """
drop trigger sharing_grant_stands on sharing_grant;
drop function sharing_grant_stands();
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

    dependencies = [("sharing", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNDO), migrations.RunSQL(KEPT, LET_GO)]
