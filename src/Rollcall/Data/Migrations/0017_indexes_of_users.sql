-- Who has been away longest; the few among a million who are support staff, in the order of their list; and who was merged into whom.

create index users_by_last_sign_in on users ((coalesce(last_signed_in_at, registered_at)), id) where registered_at is not null;
create index support_users on users (sort_name, id) where support_since is not null;
create index users_merged_into on users (merged_into) where merged_into is not null;
