-- Two records of one person made one. The record that is given up stays, for the histories that name it: without address, organisations and ways to sign in.

alter table users
  add column merged_into uuid references users,
  add column merged_at   timestamptz;
