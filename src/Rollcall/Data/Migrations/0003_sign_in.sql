-- How people prove who they are, and the sessions that this gives them. No secret is kept in the clear: keys are
-- sealed; codes, tokens and the keys of counters are hashed.

-- Only a hash of the cookie's secret is kept: a copy of this table signs no one in.
create table sessions (
  id_hash      bytea primary key,
  -- What the person's list of sessions calls it.
  id           uuid not null default gen_random_uuid(),
  user_id      uuid not null references users,
  method       text not null default 'development',
  created_at   timestamptz not null,
  seen_at      timestamptz not null,
  -- When the person last proved who they are.
  confirmed_at timestamptz,
  ip_address   text,
  user_agent   text,
  -- The provider's token that began the session, sealed: signing out there shows it.
  id_token     bytea
);
create index sessions_of_a_user on sessions (user_id);
create index sessions_by_age on sessions (created_at);

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

-- Links for a forgotten password.
create table password_resets (
  id         uuid primary key,
  user_id    uuid not null references users,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  used_at    timestamptz
);
create index password_resets_of_a_user on password_resets (user_id);
create index password_resets_by_age on password_resets (created_at);

-- New addresses that wait to be confirmed from their mailbox.
create table address_changes (
  id         uuid primary key,
  user_id    uuid not null references users,
  email      text not null,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  ended_at   timestamptz
);
create index address_changes_of_a_user on address_changes (user_id);
create index address_changes_by_age on address_changes (created_at);

-- Apps that show codes.
create table authenticators (
  user_id      uuid primary key references users,
  secret       bytea not null,
  -- The time step of the last code that was accepted: neither it nor an older one is accepted again (RFC 6238, 5.2).
  last_step    bigint not null,
  confirmed_at timestamptz not null
);

-- One live code for each purpose. A new one replaces the old one and leaves the count of wrong tries as it is.
create table one_time_codes (
  owner      uuid not null,
  purpose    text not null,
  code_hash  bytea not null,
  created_at timestamptz not null,
  used_at    timestamptz,
  tries      int not null default 0,
  -- How many were sent since first_at.
  sent       int not null default 1,
  first_at   timestamptz not null,
  primary key (owner, purpose)
);
create index one_time_codes_by_age on one_time_codes (created_at);

create table recovery_codes (
  user_id   uuid not null references users,
  code_hash bytea not null,
  primary key (user_id, code_hash)
);

create table throttles (
  key           bytea primary key,
  tries         int not null,
  blocked_until timestamptz not null,
  last_at       timestamptz not null
);
create index throttles_by_age on throttles (last_at);

-- Passkeys (WebAuthn): a key pair on a person's device or in their password manager, of which we keep the public half.
create table passkeys (
  id                 uuid primary key,
  user_id            uuid not null references users,
  -- What the authenticator calls it.
  credential_id      bytea not null unique,
  public_key         bytea not null,
  -- Counts up in some authenticators, to tell a copy; stays 0 in those that share a passkey between devices.
  sign_count         bigint not null,
  transports         text[] not null,
  is_backup_eligible boolean not null,
  is_backed_up       boolean not null,
  -- What its owner calls it.
  name               text not null,
  created_at         timestamptz not null,
  last_used_at       timestamptz
);
create index passkeys_of_a_user on passkeys (user_id);

-- The question that a passkey answers travels sealed with its form, so that asking writes nothing. What is kept is that
-- it was answered: the same answer is refused afterwards.
create table answered_passkey_challenges (
  id          uuid primary key,
  answered_at timestamptz not null
);
create index answered_passkey_challenges_by_age on answered_passkey_challenges (answered_at);

-- Who a person is at an OpenID Connect provider: issuer and subject, never the address (OpenID Connect Core 5.7). A
-- person has one such identity at most, so that having the same address at another provider lets no one in as them.
create table sign_in_identities (
  issuer       text not null,
  subject      text not null,
  user_id      uuid not null references users,
  -- As the provider last said; null when it said none.
  email        text,
  linked_at    timestamptz not null,
  last_used_at timestamptz not null,
  primary key (issuer, subject)
);
create unique index one_identity_per_user on sign_in_identities (user_id);

-- People whom a provider has vouched for and who still have something to answer. Sealed; the key is in a cookie.
create table proven_identities (
  id_hash    bytea primary key,
  identity   bytea not null,
  created_at timestamptz not null
);
create index proven_identities_by_age on proven_identities (created_at);

-- The keys that protect cookies and form tokens, shared by every instance.
create table data_protection_keys (
  name       text primary key,
  xml        text not null,
  created_at timestamptz not null default now()
);

-- A keyed hash of a constant: tells whether an instance has the secret that this database was set up with.
create table secret_check (
  only_row boolean primary key default true check (only_row),
  value    bytea not null
);
