-- Finds organisations of the same name, whatever the case, accents and apostrophes.
create index organisations_of_one_name on organisations (search_fold(name));
