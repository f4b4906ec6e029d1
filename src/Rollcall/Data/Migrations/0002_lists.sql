-- The lists of an organisation's people, at a million as at ten (docs/decisions/0032).

-- A page is found by stepping over the entries of one of these indexes; the table is read for the page only.
create index memberships_in_name_order on memberships (organisation_id, sort_name, user_id) where removed_at is null;
create index memberships_by_standing on memberships (organisation_id, standing, sort_name, user_id)
  include (expires_at) where removed_at is null;
create index memberships_by_expiry on memberships (organisation_id, expires_at)
  where removed_at is null and standing = 'waiting';

-- Stepping is quick where vacuum has marked the table's pages as visible to all.
alter table memberships set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- The one place where facts of a person are copied into their organisations.
create function copy_person() returns trigger language plpgsql as $$
declare
  name       text;
  registered timestamptz;
  paused     timestamptz;
begin
  -- "for share" waits for a change under way, so that the copy is never of what is gone.
  select u.sort_name, u.registered_at, u.paused_at into name, registered, paused
  from users u where u.id = new.user_id for share;
  new.sort_name := case
    when new.awaited then sort_name_of(new.typed_first_name, new.typed_last_name, new.typed_email) else name end;
  new.registered := registered is not null and not new.awaited;
  -- A pause from before they were added would tell that there is an account; one from afterwards can happen to anyone.
  new.account_paused := paused is not null and not (new.awaited and paused <= new.added_at);
  return new;
end $$;
create trigger copy_person
  before insert or update of user_id, awaited, typed_first_name, typed_last_name, typed_email on memberships
  for each row execute function copy_person();

create function copy_person_again() returns trigger language plpgsql as $$
begin
  update memberships set user_id = new.id where user_id = new.id; -- runs copy_person
  return null;
end $$;
create trigger copy_person_again after update on users for each row
  when (old.sort_name is distinct from new.sort_name
     or (old.registered_at is null) <> (new.registered_at is null)
     or (old.paused_at is null) <> (new.paused_at is null))
  execute function copy_person_again();

-- How many people each organisation has: "of 1,000,000" must not count a million rows.
create table member_counts (
  organisation_id uuid not null references organisations,
  standing        text not null,
  -- The day (UTC) on which the invitations of these people expire. So the expired are the sum of the days before, and
  -- those of today that are counted one by one. 'infinity': they do not expire, or the people have registered.
  expires_on      date not null,
  members         int not null check (members > 0),
  primary key (organisation_id, standing, expires_on)
);

create function counted_on(standing text, expires_at timestamptz) returns date
  language sql immutable parallel safe
  return case when standing = 'waiting' then coalesce((expires_at at time zone 'UTC')::date, 'infinity')
              else 'infinity' end;

create function count_members() returns trigger language plpgsql as $$
declare
  changes member_counts[];
begin
  if tg_op <> 'DELETE' then
    changes := array(
      select row(organisation_id, standing, counted_on(standing, expires_at), 1)::member_counts
      from rows_after where removed_at is null);
  end if;
  if tg_op <> 'INSERT' then
    changes := changes || array(
      select row(organisation_id, standing, counted_on(standing, expires_at), -1)::member_counts
      from rows_before where removed_at is null);
  end if;
  changes := array(
    select row(organisation_id, standing, expires_on, sum(members))::member_counts from unnest(changes)
    group by organisation_id, standing, expires_on having sum(members) <> 0);
  if cardinality(changes) = 0 then
    return null;
  end if;

  -- Operations lock the organisation before anything else. What changes its people in another way, such as a
  -- registration, takes the same lock here: no deadlock, and no change is counted twice or missed.
  perform from organisations where id in (select organisation_id from unnest(changes)) order by id for no key update;

  merge into member_counts c using unnest(changes) d
    on c.organisation_id = d.organisation_id and c.standing = d.standing and c.expires_on = d.expires_on
    when matched and c.members + d.members = 0 then delete
    when matched then update set members = c.members + d.members
    when not matched then insert values (d.organisation_id, d.standing, d.expires_on, d.members);
  return null;
end $$;
create trigger count_added after insert on memberships
  referencing new table as rows_after for each statement execute function count_members();
create trigger count_changed after update on memberships
  referencing old table as rows_before new table as rows_after for each statement execute function count_members();
create trigger count_deleted after delete on memberships
  referencing old table as rows_before for each statement execute function count_members();
