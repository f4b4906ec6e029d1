-- An admin who adds a person that is known elsewhere learns nothing about them until the person comes: the list shows the name and the address
-- as the admin typed them, and Pending. All three are null, and awaited is false, for everyone else.

alter table memberships
  add column awaited          boolean not null default false,
  add column typed_first_name text,
  add column typed_last_name  text,
  add column typed_email      text;

-- As the generated column users.sort_name (0001).
create function sort_name_of(first_name text, last_name text, email text) returns text language sql immutable parallel safe
return case when coalesce(first_name, last_name) is null then email
            else coalesce(first_name, '') || U&'\FFFE' || coalesce(last_name, '') || U&'\FFFE' || email end;

create or replace function copy_sort_name() returns trigger language plpgsql as $$
declare
  person users;
begin
  -- "for share" waits for a change under way, so that the copy is never of what is gone.
  select * into person from users where id = new.user_id for share;
  new.sort_name := case when new.awaited then sort_name_of(new.typed_first_name, new.typed_last_name, new.typed_email) else person.sort_name end;
  new.registered := person.registered_at is not null and not new.awaited;
  -- A pause from before they were added would tell that there is an account; one from afterwards can happen to anyone.
  new.account_paused := person.paused_at is not null and not (new.awaited and person.paused_at <= new.added_at);
  return new;
end $$;
create or replace trigger copy_sort_name before insert or update of user_id, awaited, typed_first_name, typed_last_name, typed_email on memberships
  for each row execute function copy_sort_name();

create or replace function carry_sort_name() returns trigger language plpgsql as $$
begin
  update memberships set
    sort_name = case when awaited then sort_name else new.sort_name end,
    registered = new.registered_at is not null and not awaited,
    account_paused = new.paused_at is not null and not (awaited and new.paused_at <= added_at)
  where user_id = new.id;
  return null;
end $$;

create index memberships_awaited on memberships (organisation_id) where awaited and removed_at is null;
