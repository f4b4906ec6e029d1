-- An organisation of a million people has millions of events, nearly all of them about a person. What its history and
-- its past reviews show is among them, so each has an index of its own.
create index audit_events_of_an_organisation_itself on audit_events (organisation_id, at, id) where user_id is null;
create index access_reviews on audit_events (organisation_id, at, id) where kind = 'access-reviewed';
