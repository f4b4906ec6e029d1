-- The outbox: a row is committed together with the change it tells about, and delivered afterwards by any instance.
create table outgoing_messages (
    id uuid primary key,
    kind text not null,
    data jsonb not null,
    to_address text not null,
    membership_id uuid,
    priority smallint not null,
    created_at timestamptz not null,
    -- Always this database's clock, as is leased_until: the clocks of the instances may differ.
    available_at timestamptz not null default now(),
    attempts integer not null default 0,
    lease_token uuid,
    leased_until timestamptz,
    -- Given at the first attempt and kept for all others, so that a mail program shows a repeated delivery once.
    message_id text,
    sent_at timestamptz,
    failed_at timestamptz,
    superseded_at timestamptz,
    last_error text
);

create index outgoing_messages_waiting on outgoing_messages (priority, available_at, id)
    where sent_at is null and failed_at is null and superseded_at is null;

create index outgoing_messages_membership on outgoing_messages (membership_id) where membership_id is not null;

create function notify_outgoing_messages() returns trigger language plpgsql as $$
begin
    perform pg_notify('outgoing_messages', '');
    return null;
end $$;

create trigger outgoing_messages_inserted after insert on outgoing_messages
    for each statement execute function notify_outgoing_messages();

-- One row at most: nothing is sent until then, because the server refuses everything at the moment, whatever the message.
create table outbox_pause (
    only_row boolean primary key default true check (only_row),
    until timestamptz not null,
    reason text not null
);

-- Where the development sender delivers.
create table mailbox (
    id uuid primary key,
    message_id text not null unique,
    to_address text not null,
    from_address text not null,
    reply_to text not null,
    subject text not null,
    text_body text not null,
    html_body text not null,
    sent_at timestamptz not null
);

create index mailbox_newest on mailbox (sent_at desc, id desc);
