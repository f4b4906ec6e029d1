-- Browsers that signed in before this instant are no longer known: the person changed how they sign in or signed out
-- everywhere, or support reset how they sign in. Null: none of these has happened.
alter table users add column known_devices_since timestamptz;
