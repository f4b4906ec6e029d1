-- Who belongs to which organisation. Facts only: a status is computed from them (Model/MembershipStatus.cs).
--
-- Keys: what belongs to an organisation has the organisation in its primary key, and in every foreign key to something
-- else of an organisation. So an organisation can move to a database of its own (docs/decisions/0033).
-- Ids are made by the application.

create extension if not exists pg_trgm;

-- What a search compares: case, accents and apostrophes do not matter.
create function search_fold(value text) returns text
  language sql immutable strict parallel safe
  return lower(regexp_replace(normalize(value, nfd), '[\u0300-\u036f''\u2019\u02bc]', '', 'g') collate "und-x-icu");

-- Where a person stands in a list. U+FFFE is CLDR's merge separator (UTS 35, "Merging sort keys"): it makes one string
-- sort as the pair (first name, last name), letters before accents before case, so that "adam Able" comes before
-- "Adam Baker". A person without a name is listed by their email address.
create function sort_name_of(first_name text, last_name text, email text) returns text
  language sql immutable parallel safe
  return case when coalesce(first_name, last_name) is null then email
              else coalesce(first_name, '') || U&'\FFFE' || coalesce(last_name, '') || U&'\FFFE' || email end;

create table organisations (
  id                      uuid primary key,
  name                    text not null collate "en-GB-x-icu",
  code                    text,
  details                 jsonb not null default '{}',
  -- What this organisation calls a service area; null: as the settings say.
  area_word               text,
  second_factor_required  boolean not null default false,
  -- Null: as the settings say.
  sign_in_methods         text[],
  -- How many people it may invite in bulk in a day; null: as the settings say.
  bulk_invitations_a_day  int,
  created_at              timestamptz not null,
  search_text             text not null generated always as (search_fold(name || ' ' || coalesce(code, ''))) stored
);
create unique index one_organisation_per_code on organisations (lower(code));
create index organisation_names on organisations (name, id);
create index organisations_of_one_name on organisations (search_fold(name));
create index organisation_search on organisations using gin (search_text gin_trgm_ops);

create table users (
  id                  uuid primary key,
  email               text not null,
  -- What makes two spellings the same address.
  email_key           text not null,
  first_name          text,
  last_name           text,
  created_at          timestamptz not null,
  registered_at       timestamptz,
  last_signed_in_at   timestamptz,
  paused_at           timestamptz,
  support_since       timestamptz,
  password_hash       text,
  password_set_at     timestamptz,
  -- The mailbox alone set the password: until the next full sign-in, a code to the same mailbox proves nothing more.
  password_reset_at   timestamptz,
  -- As E.164 writes it (+447700900123).
  mobile              text,
  -- When a code that was sent to the mobile came back: from then on it is a second factor.
  mobile_confirmed_at timestamptz,
  -- The second factor is a code by email. It is weaker than the others, so people have to choose it.
  email_codes         boolean not null default false,
  -- Browsers that signed in before this instant are no longer known: the person changed how they sign in or signed out
  -- everywhere, or support reset how they sign in. Null: none of these has happened.
  known_devices_since timestamptz,
  -- The other record of the same person that this one was merged into. It stays, without an address, organisations and
  -- ways to sign in, for the histories that name it.
  merged_into         uuid references users,
  merged_at           timestamptz,
  sort_name           text collate "en-GB-x-icu" not null
                        generated always as (sort_name_of(first_name, last_name, email)) stored,
  search_text         text not null generated always as (
                        search_fold(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || email)) stored
);
create unique index one_user_per_email on users (email_key);
create index users_in_name_order on users (sort_name, id);
create index user_search on users using gin (search_text gin_trgm_ops);
create index support_users on users (sort_name, id) where support_since is not null;
create index users_merged_into on users (merged_into) where merged_into is not null;
-- Who has been away longest.
create index users_by_last_sign_in on users ((coalesce(last_signed_in_at, registered_at)), id)
  where registered_at is not null;

create table memberships (
  id               uuid not null,
  organisation_id  uuid not null references organisations,
  user_id          uuid not null references users,
  role             text not null,
  added_at         timestamptz not null,
  added_by         uuid references users,
  -- Who gave the role, or sent the invitation to it again; null: as added_by says. It is checked once more when the
  -- person first signs in.
  access_by        uuid references users,
  expires_at       timestamptz,
  paused_at        timestamptz,
  reviewed_at      timestamptz,
  reviewed_by      uuid references users,
  removed_at       timestamptz,
  removed_by       uuid references users,
  -- An admin who adds a person known elsewhere learns nothing about them until the person comes: the list shows the
  -- name and the address as the admin typed them, and Pending. Null, and awaited is false, for everyone else.
  awaited          boolean not null default false,
  typed_first_name text,
  typed_last_name  text,
  typed_email      text,
  -- Copies of facts of the person, kept by copy_person (0002).
  sort_name        text collate "en-GB-x-icu" not null,
  registered       boolean not null default false,
  account_paused   boolean not null default false,
  -- No status: a person who is waiting is Pending or Expired by the clock.
  standing         text not null generated always as (
                     case when paused_at is not null or account_paused then 'inactive'
                          when registered then 'active' else 'waiting' end) stored,
  primary key (organisation_id, id)
);
create unique index one_live_membership on memberships (organisation_id, user_id) where removed_at is null;
create index memberships_of_a_user on memberships (user_id);
create index memberships_awaited on memberships (organisation_id) where awaited and removed_at is null;
-- Who added how many lately.
create index memberships_by_adder on memberships (added_by, added_at) where added_by is not null;

-- Parts of an organisation.
create table service_areas (
  id              uuid not null,
  organisation_id uuid not null references organisations,
  name            text not null collate "en-GB-x-icu",
  created_at      timestamptz not null,
  primary key (organisation_id, id)
);
create unique index one_area_per_name on service_areas (organisation_id, lower(name));

-- Who may use which parts. A member without a grant may use all.
create table access_grants (
  organisation_id uuid not null,
  membership_id   uuid not null,
  service_area_id uuid not null,
  primary key (organisation_id, membership_id, service_area_id),
  foreign key (organisation_id, membership_id) references memberships,
  foreign key (organisation_id, service_area_id) references service_areas on delete cascade
);
create index access_grants_of_an_area on access_grants (organisation_id, service_area_id);
