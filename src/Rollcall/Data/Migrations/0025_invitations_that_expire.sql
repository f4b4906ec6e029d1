-- Finds the few invitations that have expired since the lists were last brought up to date, in every organisation at once.

create index memberships_of_another_time on memberships (late, expires_at) where removed_at is null and standing = 'waiting';
