-- In a file of its own: while it is made, everybody can still read.

create index memberships_waiting on memberships (organisation_id, late, sort_name, user_id) where removed_at is null and standing = 'waiting';
create index memberships_to_age on memberships (organisation_id, late, expires_at) where removed_at is null and standing = 'waiting';
