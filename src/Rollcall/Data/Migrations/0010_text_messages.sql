-- The development mailbox shows text messages as what they are.
alter table mailbox add column channel text not null default 'email' check (channel in ('email', 'text'));
