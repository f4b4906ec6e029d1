alter table outgoing_messages
  -- The instance that holds the lease: the number of the session lock that it keeps for as long as it lives. A lease
  -- whose lock is gone is free at once. Null: an older version, or an instance without its lock at that moment; such a
  -- lease is free when its time is over.
  add column lease_owner integer,
  -- How many attempts ended without an answer: counted when an attempt begins and taken back when its outcome is known,
  -- so that one during which the program was killed counts too.
  add column unknown_outcomes integer not null default 0;

create index outgoing_messages_lease_owner on outgoing_messages (lease_owner) where lease_owner is not null;
