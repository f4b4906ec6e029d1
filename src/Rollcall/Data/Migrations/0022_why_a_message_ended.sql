-- Why a message that was not handed over will not be sent any more, as a keyword; screens have the words. Null in rows
-- of older versions.
alter table outgoing_messages add column ended_because text;
