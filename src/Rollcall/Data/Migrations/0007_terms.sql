-- Terms and conditions, and who accepted which. Evidence: nothing here is ever changed.

create table terms_versions (
  id           uuid primary key,
  number       int not null,
  markdown     text not null,
  -- SHA-256 of the text in UTF-8.
  text_hash    bytea not null,
  published_at timestamptz not null,
  published_by uuid references users
);
create unique index one_terms_version_per_number on terms_versions (number);
create trigger append_only before update or delete or truncate on terms_versions
  for each statement execute function refuse_change();

create table terms_acceptances (
  user_id     uuid not null references users,
  version_id  uuid not null references terms_versions,
  text_hash   bytea not null,
  accepted_at timestamptz not null,
  primary key (user_id, version_id)
);
create trigger append_only before update or delete or truncate on terms_acceptances
  for each statement execute function refuse_change();
