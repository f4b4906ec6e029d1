-- A viewer's answers so far in a journey, and what came of it: a confirm that is sent again finds it completed.
create table drafts (
  id              uuid not null,
  kind            text not null,
  viewer_id       uuid not null references users,
  -- Null: one of support's own journeys.
  organisation_id uuid references organisations,
  user_id         uuid references users,
  answers         jsonb not null,
  created_at      timestamptz not null,
  completed_at    timestamptz,
  result_id       uuid,
  primary key (viewer_id, id)
);
create index drafts_of_a_viewer on drafts (viewer_id, created_at);
create index drafts_by_age on drafts (created_at);
