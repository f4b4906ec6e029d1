-- The few among a million who are support staff, in the order of their list.
create index support_users on users (sort_name, id) where support_since is not null;
