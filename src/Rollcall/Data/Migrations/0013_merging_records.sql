-- Two records of one person made one. The record that is given up stays, for the histories that name it: without address, organisations and ways to sign in.

alter table users
  add column merged_into uuid references users,
  add column merged_at   timestamptz,
  add constraint merged_at_some_time check ((merged_into is null) = (merged_at is null));
create index users_merged_into on users (merged_into) where merged_into is not null;

-- A membership that goes to another person takes their name and standing along.
drop trigger copy_sort_name on memberships;
create trigger copy_sort_name before insert or update of user_id on memberships for each row execute function copy_sort_name();
