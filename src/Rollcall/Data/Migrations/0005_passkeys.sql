-- Passkeys (WebAuthn): a key pair on somebody's device or in their password manager, of which we keep the public half.

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

-- A question that a passkey is to answer: once, within ten minutes. Whoever answers it takes the row away.
create table passkey_challenges (
  id         uuid primary key,
  purpose    text not null,
  -- The only one who may answer; null: whoever has a passkey.
  user_id    uuid references users,
  state      text not null,
  created_at timestamptz not null
);
create index passkey_challenges_by_age on passkey_challenges (created_at);
