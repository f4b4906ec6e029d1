-- Parts of an organisation ("service areas", or what the organisation calls them), and who may use which. Somebody without any may use all.
alter table organisations add column area_word text;
create table service_areas (
  id              uuid primary key,
  organisation_id uuid not null references organisations,
  name            text not null collate "en-GB-x-icu",
  created_at      timestamptz not null
);
create unique index one_area_per_name on service_areas (organisation_id, lower(name));
create table access_grants (
  membership_id   uuid not null references memberships,
  service_area_id uuid not null references service_areas on delete cascade,
  primary key (membership_id, service_area_id)
);
create index access_grants_of_an_area on access_grants (service_area_id);

-- One list of addresses that somebody entered, and what became of each line of it.
create table invitation_batches (
  id              uuid primary key,
  organisation_id uuid not null references organisations,
  by_user         uuid not null references users,
  role            text not null,
  service_areas   uuid[] not null default '{}', -- those they may use; none: all
  typed           text,
  created_at      timestamptz not null,
  confirmed_at    timestamptz
);
create index invitation_batches_of_an_organisation on invitation_batches (organisation_id, confirmed_at desc);
create index invitation_batches_by_age on invitation_batches (created_at) where confirmed_at is null;

create table invitation_lines (
  batch_id      uuid not null references invitation_batches on delete cascade,
  position      int  not null,
  line          int  not null,
  text          text not null,
  email         text, -- null: no address
  email_key     text,
  first_name    text,
  last_name     text,
  role          text,   -- where a file says it for each person; null: the list's
  service_areas uuid[], -- the same
  problem       text,
  suggestion    text,
  repeats_line  int,
  outcome       text, -- null until it is confirmed, and for lines that are no address
  membership_id uuid,
  primary key (batch_id, position)
);
create index invitation_lines_to_invite on invitation_lines (batch_id, email_key) where email_key is not null;

-- What an organisation may invite by lists in a day; null: as the settings say.
alter table organisations add column bulk_invitations_a_day int;

-- Who added how many lately, and which of them by a list.
create index memberships_by_adder on memberships (added_by, added_at) where added_by is not null;
create index invitation_lines_of_a_membership on invitation_lines (membership_id) where membership_id is not null;
