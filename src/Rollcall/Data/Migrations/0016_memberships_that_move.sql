-- A membership that goes to another person takes their name and standing along.

create or replace trigger copy_sort_name before insert or update of user_id on memberships for each row execute function copy_sort_name();
