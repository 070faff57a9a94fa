-- Accounts: their roles and areas from a file, the days on which a role holds, closing and opening again.

-- The day of a time, in UTC+8.
CREATE OR REPLACE FUNCTION qm.day_of(p_ms bigint) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT date '1970-01-01' + ((p_ms + 28800000) / 86400000)::int
$$;

CREATE OR REPLACE FUNCTION qm.has_admin(p_county int, p_day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM qm.account_role r JOIN qm.account a USING (county, account)
                    WHERE r.county = p_county AND r.role = 'admin' AND r.prefix = p_county::text
                      AND NOT a.closed AND qm.role_holds(r.from_day, r.until_day, p_day))
$$;

-- The grids that accounts have on a day are those of their roles that hold, while they are open.  The
-- others are kept as ones they had: what their phones send from there waits for a decision, and the
-- phones drop the lists.
CREATE OR REPLACE FUNCTION qm.account_grids(p_county int, p_accounts text[], p_day date) RETURNS void
LANGUAGE sql AS $$
    WITH has AS MATERIALIZED (
        SELECT DISTINCT r.account, r.prefix::bigint AS grid
          FROM qm.account_role r JOIN qm.account a USING (county, account)
         WHERE r.county = p_county AND r.account = ANY (p_accounts) AND r.role IN ('worker', 'leader')
           AND NOT a.closed AND qm.role_holds(r.from_day, r.until_day, p_day)
    ), had AS (
        UPDATE qm.account_grid g SET now = false
         WHERE g.county = p_county AND g.account = ANY (p_accounts) AND g.now
           AND NOT EXISTS (SELECT FROM has h WHERE h.account = g.account AND h.grid = g.grid)
    )
    INSERT INTO qm.account_grid AS g (county, account, grid, now)
    SELECT p_county, h.account, h.grid, true FROM has h
    ON CONFLICT (county, account, grid) DO UPDATE SET now = true WHERE NOT g.now
$$;

-- A row an area.  The areas of an account are the ones of the file.  Days are null where a role holds
-- without an end; null arrays: the file does not speak of names, phones or days, and those that were set stay.
CREATE OR REPLACE FUNCTION qm.import_accounts(p_county int, p_by text, p_now bigint, p_account text[],
                                              p_role text[], p_name bytea[], p_phone bytea[], p_prefix text[],
                                              p_from date[], p_until date[])
RETURNS TABLE (status smallint, bad int, rows int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_day date := qm.day_of(p_now);
    v_had boolean := qm.has_admin(p_county, v_day);
    v_status smallint;
    v_bad int;
BEGIN
    SELECT t.o, t.why INTO v_bad, v_status FROM (
        SELECT u.o, CASE WHEN u.account !~ '^[A-Z][0-9A-Z]{1,15}$'
                           OR u.role NOT IN ('worker', 'leader', 'deputy', 'secretary', 'township', 'police',
                                             'inspector', 'auditor', 'admin') THEN 1
                         WHEN NOT starts_with(u.prefix, p_county::text)
                           OR u.role IN ('worker', 'leader') AND g.grid IS NULL THEN 6
                         WHEN u.prefix !~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$' THEN 1 END AS why
          FROM unnest(p_account, p_role, p_prefix) WITH ORDINALITY AS u (account, role, prefix, o)
          LEFT JOIN qm.grid g ON g.county = p_county AND g.grid::text = u.prefix) t
     WHERE t.why IS NOT NULL ORDER BY t.o LIMIT 1;
    IF v_bad IS NULL THEN
        INSERT INTO qm.account AS a (county, account, name, phone)
        SELECT DISTINCT ON (u.account) p_county, u.account, u.name, u.phone
          FROM unnest(p_account, p_name, p_phone) AS u (account, name, phone)
         ORDER BY u.account
        ON CONFLICT (county, account) DO UPDATE
           SET name = CASE WHEN p_name IS NULL THEN a.name ELSE excluded.name END,
               phone = CASE WHEN p_phone IS NULL THEN a.phone ELSE excluded.phone END;
        DELETE FROM qm.account_role r
         WHERE r.county = p_county AND r.account = ANY (p_account)
           AND NOT EXISTS (SELECT FROM unnest(p_account, p_role, p_prefix) AS u (account, role, prefix)
                            WHERE (u.account, u.role, u.prefix) = (r.account, r.role, r.prefix));
        INSERT INTO qm.account_role AS r (county, account, role, prefix, from_day, until_day)
        SELECT DISTINCT ON (u.account, u.role, u.prefix) p_county, u.account, u.role, u.prefix, u.from_day, u.until_day
          FROM unnest(p_account, p_role, p_prefix, p_from, p_until) AS u (account, role, prefix, from_day, until_day)
        ON CONFLICT (county, account, role, prefix) DO UPDATE
           SET from_day = CASE WHEN p_from IS NULL THEN r.from_day ELSE excluded.from_day END,
               until_day = CASE WHEN p_until IS NULL THEN r.until_day ELSE excluded.until_day END;
        PERFORM qm.account_grids(p_county, p_account, v_day);
        IF v_had AND NOT qm.has_admin(p_county, v_day) THEN
            RAISE EXCEPTION USING ERRCODE = 'QM009';
        END IF;
        PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    END IF;
    RETURN QUERY SELECT coalesce(v_status, 0::smallint), v_bad, cardinality(p_account);
EXCEPTION
    -- All of it is taken back: a county without an admin could not get one any more.
    WHEN SQLSTATE 'QM009' THEN
        RETURN QUERY SELECT 9::smallint, NULL::int, 0;
END
$$;

-- Closing ends what somebody could come in with: sessions, tokens, codes, the password.  None of these
-- opens the account again when it is opened.
CREATE OR REPLACE FUNCTION qm.account_close(p_county int, p_by text, p_now bigint, p_account text, p_reason text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    IF p_account = p_by THEN
        RETURN QUERY SELECT 2::smallint;
        RETURN;
    END IF;
    UPDATE qm.account a SET closed = true WHERE a.county = p_county AND a.account = p_account AND NOT a.closed;
    IF NOT FOUND THEN
        RETURN QUERY SELECT CASE WHEN EXISTS (SELECT FROM qm.account a
                                               WHERE a.county = p_county AND a.account = p_account)
                                 THEN 1 ELSE 5 END::smallint;
        RETURN;
    END IF;
    IF NOT qm.has_admin(p_county, qm.day_of(p_now))
       AND EXISTS (SELECT FROM qm.account_role r
                    WHERE r.county = p_county AND r.account = p_account AND r.role = 'admin') THEN
        RAISE EXCEPTION USING ERRCODE = 'QM009';
    END IF;
    DELETE FROM qm.session s WHERE s.county = p_county AND s.account = p_account;
    DELETE FROM qm.token k WHERE k.county = p_county AND k.account = p_account;
    DELETE FROM qm.password w WHERE w.county = p_county AND w.account = p_account;
    UPDATE qm.login_code c SET expires_ms = p_now
     WHERE c.county = p_county AND c.account = p_account AND c.used_ms IS NULL AND c.expires_ms > p_now;
    UPDATE qm.enrol_code c SET expires_ms = p_now
     WHERE c.county = p_county AND c.account = p_account AND c.used_key IS NULL AND c.expires_ms > p_now;
    PERFORM qm.account_grids(p_county, ARRAY[p_account], qm.day_of(p_now));
    INSERT INTO qm.account_closing (county, account, at, closed, by_account, reason)
    VALUES (p_county, p_account, p_now, true, p_by, p_reason) ON CONFLICT (county, account, at) DO NOTHING;
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
EXCEPTION
    WHEN SQLSTATE 'QM009' THEN
        RETURN QUERY SELECT 9::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.account_open(p_county int, p_by text, p_now bigint, p_account text, p_reason text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    UPDATE qm.account a SET closed = false WHERE a.county = p_county AND a.account = p_account AND a.closed;
    IF NOT FOUND THEN
        RETURN QUERY SELECT CASE WHEN EXISTS (SELECT FROM qm.account a
                                               WHERE a.county = p_county AND a.account = p_account)
                                 THEN 1 ELSE 5 END::smallint;
        RETURN;
    END IF;
    PERFORM qm.account_grids(p_county, ARRAY[p_account], qm.day_of(p_now));
    INSERT INTO qm.account_closing (county, account, at, closed, by_account, reason)
    VALUES (p_county, p_account, p_now, false, p_by, p_reason) ON CONFLICT (county, account, at) DO NOTHING;
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
END
$$;

-- The days on which one role of an account holds; null: no limit.
CREATE OR REPLACE FUNCTION qm.account_days(p_county int, p_by text, p_now bigint, p_account text, p_role text,
                                           p_prefix text, p_from date, p_until date)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_had boolean := qm.has_admin(p_county, qm.day_of(p_now));
BEGIN
    IF p_account = p_by THEN
        RETURN QUERY SELECT 2::smallint;
        RETURN;
    END IF;
    UPDATE qm.account_role r SET from_day = p_from, until_day = p_until
     WHERE r.county = p_county AND r.account = p_account AND r.role = p_role AND r.prefix = p_prefix;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    IF v_had AND NOT qm.has_admin(p_county, qm.day_of(p_now)) THEN
        RAISE EXCEPTION USING ERRCODE = 'QM009';
    END IF;
    PERFORM qm.account_grids(p_county, ARRAY[p_account], qm.day_of(p_now));
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
EXCEPTION
    WHEN SQLSTATE 'QM009' THEN
        RETURN QUERY SELECT 9::smallint;
END
$$;
