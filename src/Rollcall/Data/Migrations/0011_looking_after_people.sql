-- The reviews of who still needs access, and who answers for what somebody may do. Users first, as everybody locks them.

lock table users in share row exclusive mode;
alter table memberships
  add column reviewed_at timestamptz,
  add column reviewed_by uuid references users,
  -- Who gave the role, or sent the invitation to it again; null: as added_by says. Asked once more when the person comes for the first time.
  add column access_by   uuid references users,
  -- Whether the link of somebody who waits had run out when somebody last looked (0013).
  add column late        boolean not null default false;
