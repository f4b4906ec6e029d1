-- Second factors, and the counting of tries. No secret is kept in the clear: keys are sealed, codes and the keys of counters are keyed hashes.

create table authenticators (
  user_id      uuid primary key references users,
  secret       bytea not null,
  -- The time step of the last code that was accepted: neither it nor an older one is accepted again (RFC 6238, 5.2).
  last_step    bigint not null,
  confirmed_at timestamptz not null
);

-- One live code for each thing it is good for. A new one replaces the old one and leaves the count of wrong tries as it is.
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
  key        bytea primary key,
  tries      int not null,
  blocked_until timestamptz not null,
  last_at    timestamptz not null
);
create index throttles_by_age on throttles (last_at);
