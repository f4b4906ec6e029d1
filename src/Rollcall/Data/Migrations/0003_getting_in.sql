-- How people get in: the links they are sent, the password they choose, the sessions they have.

alter table users
  add column password_hash text,
  add column password_set_at timestamptz,
  -- The mailbox alone set the password: until the next full sign-in, a code to the same mailbox proves nothing more.
  add column password_reset_at timestamptz,
  -- As E.164 writes it (+447700900123).
  add column mobile text,
  -- A code that was sent to it came back: from then on it is a second factor.
  add column mobile_confirmed_at timestamptz,
  -- The second factor is a code by email: weaker than the others, so it is a choice of its own.
  add column email_codes boolean not null default false;

alter table organisations
  add column second_factor_required boolean not null default false,
  -- Null: as the service's settings say.
  add column sign_in_methods text[];

-- One sending of a link. The link itself is not kept: it is made from the id with the deployment's secret, and found by its hash.
create table invitations (
  id            uuid primary key,
  user_id       uuid not null references users,
  -- Null: an invitation to support staff, who need belong to no organisation.
  membership_id uuid references memberships,
  email         text not null,
  token_hash    bytea not null unique,
  invited_by    uuid references users,
  sent_at       timestamptz not null,
  expires_at    timestamptz,
  accepted_at   timestamptz,
  withdrawn_at  timestamptz,
  superseded_at timestamptz
);
create unique index one_live_invitation_per_membership on invitations (membership_id)
  where membership_id is not null and accepted_at is null and withdrawn_at is null and superseded_at is null;
create unique index one_live_support_invitation on invitations (user_id)
  where membership_id is null and accepted_at is null and withdrawn_at is null and superseded_at is null;
create index invitations_of_a_user on invitations (user_id, sent_at);
create index invitations_of_a_membership on invitations (membership_id, sent_at);

alter table sessions
  -- What a person's list of sessions calls it: the hash is the cookie's business.
  add column id uuid not null default uuidv7(),
  add column method text not null default 'development',
  -- When the person last proved who they are.
  add column confirmed_at timestamptz,
  add column ip_address text,
  add column user_agent text;

-- The password was right and the second factor is still to come: worth nothing else, and not for long.
create table pending_sign_ins (
  id         uuid primary key,
  id_hash    bytea not null unique,
  user_id    uuid not null references users,
  return_url text,
  tries      int not null default 0,
  created_at timestamptz not null
);
create index pending_sign_ins_by_age on pending_sign_ins (created_at);

-- A forgotten password. Only the hash of the link's token is kept.
create table password_resets (
  id         uuid primary key,
  user_id    uuid not null references users,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  used_at    timestamptz
);
create index password_resets_of_a_user on password_resets (user_id);

-- A new address that waits to be confirmed from its mailbox.
create table address_changes (
  id         uuid primary key,
  user_id    uuid not null references users,
  email      text not null,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  ended_at   timestamptz
);
create index address_changes_of_a_user on address_changes (user_id);
