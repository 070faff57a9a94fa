-- Signing in at a browser: one-time codes, passwords, sessions; who looked at what in full.
-- The server's own work is hashing and comparing; what may be tried, and when, is decided here.

CREATE OR REPLACE FUNCTION qm.role_holds(p_from date, p_until date, p_day date) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_day >= coalesce(p_from, p_day) AND p_day <= coalesce(p_until, p_day)
$$;

CREATE OR REPLACE FUNCTION qm.login_code_new(p_county int, p_by text, p_account text, p_code_mac bytea,
                                             p_expires bigint) RETURNS TABLE (status smallint)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.account a JOIN qm.account_role r USING (county, account)
                    WHERE a.county = p_county AND a.account = p_account AND NOT a.closed) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    INSERT INTO qm.login_code (county, code_mac, account, by_account, expires_ms)
    VALUES (p_county, p_code_mac, p_account, p_by, p_expires)
    ON CONFLICT (county, code_mac) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;

-- A password by a one-time code: the first, or a new one for one that was forgotten.  Whoever was
-- signed in under this account is not any more.
CREATE OR REPLACE FUNCTION qm.login_first(p_county int, p_account text, p_code_mac bytea, p_hash text,
                                          p_now bigint) RETURNS TABLE (status smallint)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    UPDATE qm.login_code c SET used_ms = p_now
     WHERE c.county = p_county AND c.code_mac = p_code_mac AND c.account = p_account
       AND c.used_ms IS NULL AND c.expires_ms > p_now;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 1::smallint;
        RETURN;
    END IF;
    DELETE FROM qm.session s WHERE s.county = p_county AND s.account = p_account;
    INSERT INTO qm.password AS p (county, account, hash, set_ms)
    VALUES (p_county, p_account, p_hash, p_now)
    ON CONFLICT (county, account) DO UPDATE
       SET hash = excluded.hash, set_ms = excluded.set_ms, fails = 0, fail_ms = 0;
    RETURN QUERY SELECT 0::smallint;
END
$$;

-- Another password for one's own account; the other sessions end.
CREATE OR REPLACE FUNCTION qm.password_change(p_county int, p_account text, p_hash text, p_keep bytea,
                                              p_now bigint) RETURNS TABLE (status smallint)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    UPDATE qm.password p SET hash = p_hash, set_ms = p_now, fails = 0, fail_ms = 0
     WHERE p.county = p_county AND p.account = p_account;
    DELETE FROM qm.session s
     WHERE s.county = p_county AND s.account = p_account AND s.session_mac <> p_keep;
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.login_fail(p_county int, p_account text, p_now bigint)
RETURNS TABLE (fails int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    RETURN QUERY
    UPDATE qm.password p SET fails = p.fails + 1, fail_ms = p_now
     WHERE p.county = p_county AND p.account = p_account
    RETURNING p.fails;
END
$$;

-- A session after a good password; ended ones of the account go.
CREATE OR REPLACE FUNCTION qm.session_begin(p_county int, p_account text, p_session_mac bytea,
                                            p_now bigint, p_ends bigint, p_day date)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.account a JOIN qm.account_role r USING (county, account)
                    WHERE a.county = p_county AND a.account = p_account AND NOT a.closed
                      AND qm.role_holds(r.from_day, r.until_day, p_day)) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    UPDATE qm.password p SET fails = 0, fail_ms = 0
     WHERE p.county = p_county AND p.account = p_account AND p.fails > 0;
    DELETE FROM qm.session s
     WHERE s.county = p_county AND s.account = p_account AND s.ends_ms <= p_now;
    INSERT INTO qm.session (county, session_mac, account, began_ms, ends_ms)
    VALUES (p_county, p_session_mac, p_account, p_now, p_ends)
    ON CONFLICT (county, session_mac) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.session_end(p_county int, p_account text, p_session_mac bytea, p_all boolean)
RETURNS TABLE (ended int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_n int;
BEGIN
    PERFORM qm.lock_head(p_county);
    DELETE FROM qm.session s
     WHERE s.county = p_county AND s.account = p_account AND (p_all OR s.session_mac = p_session_mac);
    GET DIAGNOSTICS v_n = ROW_COUNT;
    RETURN QUERY SELECT v_n;
END
$$;

CREATE OR REPLACE FUNCTION qm.access_note(p_county int, p_at bigint, p_id uuid, p_account text, p_role text,
                                          p_what text, p_subject text, p_reason text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    INSERT INTO qm.access (county, at, id, account, role, what, subject, reason)
    VALUES (p_county, p_at, p_id, p_account, p_role, p_what, p_subject, p_reason)
    ON CONFLICT (county, at, id) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;
