-- Care groups are asked for an area, and kept in a place.
DROP FUNCTION IF EXISTS qm.care_groups(int, date);
DROP FUNCTION IF EXISTS qm.groups_of(text[], text[]);
