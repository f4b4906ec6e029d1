-- People who sign in through an OpenID Connect provider.

-- Who somebody is at a provider: issuer and subject, never the address (OpenID Connect Core 5.7). A person has one such identity at most, so that
-- nobody comes in as them by having the same address at another provider.
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

-- Somebody whom a provider has vouched for and who still has something to answer. Sealed; its key is in a cookie.
create table proven_identities (
  id_hash    bytea primary key,
  identity   bytea not null,
  created_at timestamptz not null
);
create index proven_identities_by_age on proven_identities (created_at);

-- The provider's token that begot the session, sealed: signing out there shows it.
alter table sessions add column id_token bytea;
