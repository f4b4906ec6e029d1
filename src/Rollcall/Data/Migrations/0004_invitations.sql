-- Invitations, one by one and in bulk.

-- One sending of a link. The link itself is not kept: it is made from the id with the deployment's secret, and found by
-- its hash.
create table invitations (
  id              uuid not null,
  -- All zeros, with no membership: an invitation to support staff, who need belong to no organisation.
  organisation_id uuid not null default '00000000-0000-0000-0000-000000000000',
  membership_id   uuid,
  user_id         uuid not null references users,
  email           text not null,
  token_hash      bytea not null unique,
  invited_by      uuid references users,
  sent_at         timestamptz not null,
  expires_at      timestamptz,
  reminded_at     timestamptz,
  accepted_at     timestamptz,
  withdrawn_at    timestamptz,
  superseded_at   timestamptz,
  primary key (organisation_id, id),
  foreign key (organisation_id, membership_id) references memberships,
  check ((membership_id is null) = (organisation_id = '00000000-0000-0000-0000-000000000000'))
);
create unique index one_live_invitation_per_membership on invitations (organisation_id, membership_id)
  where membership_id is not null and accepted_at is null and withdrawn_at is null and superseded_at is null;
create unique index one_live_support_invitation on invitations (user_id)
  where membership_id is null and accepted_at is null and withdrawn_at is null and superseded_at is null;
-- A registration remembers the id alone.
create index invitations_by_id on invitations (id);
create index invitations_of_a_user on invitations (user_id, sent_at);
create index invitations_of_a_membership on invitations (organisation_id, membership_id, sent_at);
create index invitations_to_remind on invitations (expires_at)
  where membership_id is not null and reminded_at is null
    and accepted_at is null and withdrawn_at is null and superseded_at is null;

-- Lists of addresses to invite.
create table invitation_lists (
  id              uuid not null,
  organisation_id uuid not null references organisations,
  by_user         uuid not null references users,
  -- '': not chosen yet, or each line has its own.
  role            text not null,
  -- Those they may use; none: all.
  service_areas   uuid[] not null default '{}',
  typed           text,
  -- The name of an uploaded file, so that it is kept when the form has an error.
  file_name       text,
  created_at      timestamptz not null,
  confirmed_at    timestamptz,
  primary key (organisation_id, id)
);
create index invitation_lists_of_an_organisation on invitation_lists (organisation_id, confirmed_at desc);
create index invitation_lists_open on invitation_lists (by_user, created_at) where confirmed_at is null;
create index invitation_lists_by_age on invitation_lists (created_at) where confirmed_at is null;
create index invitation_lists_by_confirmation on invitation_lists (confirmed_at) where confirmed_at is not null;

-- Each line of a list, and what became of it.
create table invitation_lines (
  organisation_id uuid not null,
  list_id         uuid not null,
  position        int not null,
  line            int not null,
  text            text not null,
  -- Null: this is no address.
  email           text,
  email_key       text,
  first_name      text,
  last_name       text,
  -- Where a file says it for each person; null: the list's.
  role            text,
  service_areas   uuid[],
  problem         text,
  suggestion      text,
  repeats_line    int,
  -- Null until the list is confirmed, and for lines that are no address.
  outcome         text,
  membership_id   uuid,
  primary key (organisation_id, list_id, position),
  foreign key (organisation_id, list_id) references invitation_lists on delete cascade
);
create index invitation_lines_to_invite on invitation_lines (organisation_id, list_id, email_key)
  where email_key is not null;
create index invitation_lines_of_a_membership on invitation_lines (organisation_id, membership_id)
  where membership_id is not null;
