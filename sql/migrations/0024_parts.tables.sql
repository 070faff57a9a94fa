-- The parts of the lists are given as numbers (functions/82_lists.sql), no longer by name.
DROP FUNCTION IF EXISTS qm.list_households(int, text, text, text, text, bigint, uuid, int);
DROP FUNCTION IF EXISTS qm.list_residents(int, text, text, text, text, bigint, uuid, uuid, int);
DROP FUNCTION IF EXISTS qm.household_in_part(qm.household, text);
DROP FUNCTION IF EXISTS qm.resident_in_part(qm.resident, text);
