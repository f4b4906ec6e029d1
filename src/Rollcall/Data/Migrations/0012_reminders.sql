-- A reminder before a link stops working.

alter table invitations add column reminded_at timestamptz;
create index invitations_to_remind on invitations (expires_at)
  where membership_id is not null and reminded_at is null and accepted_at is null and withdrawn_at is null and superseded_at is null;
