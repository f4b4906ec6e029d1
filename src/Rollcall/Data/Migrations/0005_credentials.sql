create table authenticators (user_id uuid primary key references users, secret bytea not null, last_step bigint not null, confirmed_at timestamptz not null);
create table one_time_codes (owner uuid, purpose text, code bytea, created_at timestamptz, tries int not null default 0, primary key (owner, purpose));
create table recovery_codes (user_id uuid references users, code bytea, primary key (user_id, code));
create table throttles (key bytea primary key, failures int not null, until timestamptz);
