-- A reminder before a link stops working, the reviews of who still needs access, and who answers for what somebody may do.

alter table invitations add column reminded_at timestamptz;
create index invitations_to_remind on invitations (expires_at)
  where membership_id is not null and reminded_at is null and accepted_at is null and withdrawn_at is null and superseded_at is null;

alter table memberships
  add column reviewed_at timestamptz,
  add column reviewed_by uuid references users,
  -- Who gave the role, or sent the invitation to it again; null: as added_by says. Asked once more when the person comes for the first time.
  add column access_by   uuid references users;

create index users_by_last_sign_in on users ((coalesce(last_signed_in_at, registered_at)), id) where registered_at is not null;
