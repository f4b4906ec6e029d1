-- What is looked for every hour: records whose time is over. In a file of its own: while the indexes are made, everyone can still read.

create index audit_events_by_age on audit_events using brin (at);
create index outgoing_messages_by_end on outgoing_messages ((coalesce(sent_at, failed_at, superseded_at)))
  where coalesce(sent_at, failed_at, superseded_at) is not null;
create index invitation_batches_by_confirmation on invitation_batches (confirmed_at) where confirmed_at is not null;
create index sessions_by_age on sessions (created_at);
create index password_resets_by_age on password_resets (created_at);
create index address_changes_by_age on address_changes (created_at);
