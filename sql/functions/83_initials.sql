-- First letters of the pinyin of U+4E00 to U+9FFF, a letter a character, a space where none is known.
-- No dictionary is kept: PostgreSQL's own Chinese collation (ICU) sorts by pinyin, so a character's letter
-- is found between the first characters of each letter.  Names never come here: the server takes this row
-- once and compares in its own memory.  Without ICU all are spaces, and names are found as written only.

CREATE OR REPLACE FUNCTION qm.initials() RETURNS TABLE (letters text)
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT string_agg(substr(' abcdefghjklmnopqrstwxyz', 1 + width_bucket(chr(c) COLLATE "zh-x-icu",
               ARRAY['阿', '八', '嚓', '耷', '妸', '发', '旮', '哈', '讥', '咔', '垃', '妈', '拏', '噢', '妑', '七', '呥',
                     '仨', '他', '穵', '夕', '丫', '帀']), 1), '' ORDER BY c)
      FROM generate_series(19968, 40959) AS c;
EXCEPTION WHEN undefined_object THEN
    RETURN QUERY SELECT repeat(' ', 40960 - 19968);
END
$$;
