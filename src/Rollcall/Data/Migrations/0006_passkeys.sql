create table passkeys (id uuid primary key, user_id uuid not null references users);
