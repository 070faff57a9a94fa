-- Directives: published once, acknowledged by each account that they concern.

-- Does a directive for this scope concern the account: a worker by its grids, everybody by their areas.
CREATE OR REPLACE FUNCTION qm.directive_concerns(p_county int, p_scope text, p_account text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM qm.account_role r
                    WHERE r.county = p_county AND r.account = p_account
                      AND (starts_with(r.prefix, p_scope) OR starts_with(p_scope, r.prefix)))
$$;

CREATE OR REPLACE FUNCTION qm.directive_publish(p_county int, p_by text, p_now bigint, p_directive uuid,
                                                p_scope text, p_title text, p_body text, p_due date)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
BEGIN
    IF EXISTS (SELECT FROM qm.directive d WHERE d.county = p_county AND d.directive = p_directive) THEN
        RETURN QUERY SELECT 1::smallint;
        RETURN;
    END IF;
    INSERT INTO qm.directive (county, directive, scope, title, body, due, by_account, at, rev)
    VALUES (p_county, p_directive, p_scope, p_title, p_body, p_due, p_by, p_now, v_head.revision + 1);
    PERFORM qm.log_commit(v_head, '{}', '{}', '{}');
    RETURN QUERY SELECT 0::smallint;
END
$$;

CREATE OR REPLACE FUNCTION qm.directive_acknowledge(p_county int, p_account text, p_directive uuid, p_now bigint)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.directive d
                    WHERE d.county = p_county AND d.directive = p_directive
                      AND qm.directive_concerns(p_county, d.scope, p_account)) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    INSERT INTO qm.directive_ack (county, directive, account, at)
    VALUES (p_county, p_directive, p_account, p_now) ON CONFLICT (county, directive, account) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;
