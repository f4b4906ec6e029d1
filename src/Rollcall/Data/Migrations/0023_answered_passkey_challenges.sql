-- A question that a passkey is to answer travels sealed with its form, so that asking writes nothing. What is kept is that
-- it was answered rightly: the same answer is refused afterwards. Older instances go on using passkey_challenges.
create table answered_passkey_challenges (
  id          uuid primary key,
  answered_at timestamptz not null
);
create index answered_passkey_challenges_by_age on answered_passkey_challenges (answered_at);
