-- The name of an uploaded file, so that it is kept when the form has an error. A role that is not chosen yet, or is in the file, is ''.

alter table invitation_batches add column file_name text;
create index invitation_batches_open on invitation_batches (by_user, created_at) where confirmed_at is null;
create index drafts_of_a_viewer on drafts (viewer_id, created_at);
