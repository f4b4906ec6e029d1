-- The outbox: a message is committed together with the change that it tells about, and delivered afterwards by any
-- instance. A message belongs to the mailbox that it goes to, not to an organisation.
create table outgoing_messages (
  id                   uuid primary key,
  kind                 text not null,
  data                 jsonb not null,
  to_address           text not null,
  -- The recipient's address as users.email_key writes it. How many messages a mailbox gets is counted by it.
  to_key               text,
  membership_id        uuid,
  -- The person whose act sends this to someone else; null for what people cause to themselves, and for what the program
  -- sends by itself.
  caused_by            uuid,
  -- The organisation whose daily number of bulk invitations this counts towards; null: it counts towards the sender's.
  bulk_organisation_id uuid,
  priority             smallint not null,
  created_at           timestamptz not null,
  -- Always this database's clock, as is leased_until: the clocks of the instances may differ.
  available_at         timestamptz not null default now(),
  attempts             int not null default 0,
  -- How many attempts ended without an answer: counted when an attempt begins and taken back when its outcome is known,
  -- so that one during which the program was killed counts too.
  unknown_outcomes     int not null default 0,
  lease_token          uuid,
  leased_until         timestamptz,
  -- The instance that holds the lease: the number of the session lock that it keeps for as long as it lives. A lease
  -- whose lock is gone is free at once. Null: the instance was without its lock at that moment; such a lease is free
  -- when its time is over.
  lease_owner          int,
  -- Given at the first attempt and kept for all others, so that a mail program shows a repeated delivery once.
  message_id           text,
  sent_at              timestamptz,
  failed_at            timestamptz,
  superseded_at        timestamptz,
  -- Why a message that was not handed over will not be sent any more, as a keyword; screens have the words.
  ended_because        text,
  last_error           text
);
create index outgoing_messages_waiting on outgoing_messages (priority, available_at, id)
  where sent_at is null and failed_at is null and superseded_at is null;
create index outgoing_messages_membership on outgoing_messages (membership_id) where membership_id is not null;
create index outgoing_messages_of_a_mailbox on outgoing_messages (to_key, created_at) where to_key is not null;
create index outgoing_messages_of_a_sender on outgoing_messages (caused_by, created_at)
  where caused_by is not null and bulk_organisation_id is null;
create index outgoing_messages_in_bulk on outgoing_messages (bulk_organisation_id, created_at)
  where bulk_organisation_id is not null;
create index outgoing_messages_lease_owner on outgoing_messages (lease_owner) where lease_owner is not null;
create index outgoing_messages_by_end on outgoing_messages ((coalesce(sent_at, failed_at, superseded_at)))
  where coalesce(sent_at, failed_at, superseded_at) is not null;

create function notify_outgoing_messages() returns trigger language plpgsql as $$
begin
  perform pg_notify('outgoing_messages', '');
  return null;
end $$;
create trigger outgoing_messages_inserted after insert on outgoing_messages
  for each statement execute function notify_outgoing_messages();

-- One row at most: nothing is sent until then, because the mail server refuses every message at the moment.
create table outbox_pause (
  only_row boolean primary key default true check (only_row),
  until    timestamptz not null,
  reason   text not null
);

-- Where the development sender delivers.
create table mailbox (
  id           uuid primary key,
  channel      text not null default 'email' check (channel in ('email', 'text')),
  message_id   text not null unique,
  to_address   text not null,
  from_address text not null,
  reply_to     text not null,
  subject      text not null,
  text_body    text not null,
  html_body    text not null,
  sent_at      timestamptz not null
);
create index mailbox_newest on mailbox (sent_at desc, id desc);
