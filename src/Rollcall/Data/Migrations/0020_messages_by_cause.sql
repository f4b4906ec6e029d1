-- How many messages a person causes and how many a mailbox gets, whichever page they come from. Messages of older
-- versions have no key and are not counted: the counts look back one day.
alter table outgoing_messages
  -- The person whose act sends this to someone else; null for what people cause to themselves, and for what the program
  -- sends by itself.
  add column caused_by uuid,
  -- The recipient's address as users.email_key writes it.
  add column to_key text,
  -- The organisation whose daily number of bulk invitations this counts towards; null: it counts towards the sender's
  -- own.
  add column bulk_organisation_id uuid;

create index outgoing_messages_of_a_mailbox on outgoing_messages (to_key, created_at) where to_key is not null;
create index outgoing_messages_of_a_sender on outgoing_messages (caused_by, created_at)
  where caused_by is not null and bulk_organisation_id is null;
create index outgoing_messages_in_bulk on outgoing_messages (bulk_organisation_id, created_at)
  where bulk_organisation_id is not null;
