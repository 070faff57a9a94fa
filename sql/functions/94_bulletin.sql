-- Bulletins: drafts, publication, wording, sign-offs, figures from elsewhere, proposals.
--
-- Happy path: freeze_commit keeps what was frozen and logs its roster; people edit the wording, decide
-- proposals, sign rosters off; bulletin_publish logs the bulletin.  Each call is repeatable: asked again
-- after a lost answer it says the same and writes nothing.
-- Status of every function: 0 done or done before, 1 is there already otherwise, 2 by the account that
-- prepared it, 3 published (this or a later period; words and numbers stay as they are), 4 what is
-- replaced or confirmed is not the newest, 5 unknown, 6 the range, the rule's object or the bulletin
-- before is not (or no longer) the one it was frozen with: freeze again, 7 the last recount found
-- differences.

-- Why a draft cannot (or can no longer) follow what is published; 0 if it can.
CREATE OR REPLACE FUNCTION qm.bulletin_refusal(p_county int, p_scope text, p_kind smallint, p_period text,
    p_replaces bigint, p_from bigint, p_to bigint, p_root bytea, p_before uuid) RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_old qm.bulletin;
    v_newest qm.bulletin;
    v_before qm.bulletin;
BEGIN
    SELECT * INTO v_newest FROM qm.bulletin_newest(p_county, p_scope, p_kind, 9223372036854775807);
    SELECT * INTO v_before FROM qm.bulletin_newest(p_county, p_scope, p_kind, p_to);
    IF p_replaces IS NULL THEN
        IF v_newest.period >= p_period OR EXISTS (SELECT FROM qm.bulletin b
                WHERE b.county = p_county AND b.scope = p_scope AND b.period = p_period AND b.state = 1) THEN
            RETURN 3;
        ELSIF p_from <> coalesce(v_newest.to_size, 0) THEN
            RETURN 6;
        END IF;
    ELSE
        SELECT * INTO v_old FROM qm.bulletin b
         WHERE b.county = p_county AND b.idx = p_replaces AND b.scope = p_scope AND b.period = p_period;
        IF v_old.draft IS NULL OR EXISTS (SELECT FROM qm.bulletin r
                WHERE r.county = p_county AND r.state = 1 AND r.replaces = p_replaces) THEN
            RETURN 4;
        ELSIF (v_old.from_idx, v_old.to_size, v_old.root) IS DISTINCT FROM (p_from, p_to, p_root) THEN
            RETURN 6;
        END IF;
    END IF;
    IF v_before.draft IS DISTINCT FROM p_before OR NOT EXISTS (SELECT FROM qm.log_checkpoint c
            WHERE c.county = p_county AND c.size = p_to AND c.root = p_root) THEN
        RETURN 6;
    END IF;
    RETURN 0;
END
$$;

-- An object of a bulletin; a null hash is none.
CREATE OR REPLACE FUNCTION qm.bulletin_object(p_county int, p_sha bytea, p_kind text, p_open boolean, p_body bytea)
RETURNS void LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    IF p_sha IS NOT NULL THEN
        IF sha256(p_body) IS DISTINCT FROM p_sha THEN
            RAISE EXCEPTION 'bytes of % are not those of their hash', p_kind USING ERRCODE = 'QM002';
        END IF;
        INSERT INTO qm.object (county, sha256, kind, open, body) VALUES (p_county, p_sha, p_kind, p_open, p_body)
        ON CONFLICT (county, sha256) DO NOTHING;
    END IF;
END
$$;

-- Keeps a frozen ranking and logs its roster, whose parts are in object_part already.  r_: a row a
-- division; of r_m each has 8 * r_m_n numbers, of r_v 68, of r_beside equally many: those that the column
-- names, and lecturers needed and there.  x_: what the rule proposes.
-- An older frozen draft of the same scope and period is dropped.
CREATE OR REPLACE FUNCTION qm.freeze_commit(p_county int, p_by text, p_now bigint, p_draft uuid, p_scope text,
    p_period text, p_kind smallint, p_replaces bigint, p_before uuid, p_from bigint, p_to bigint, p_root bytea,
    p_from_rev bigint, p_to_rev bigint, p_tree int, p_day date, p_roster_sha bytea, p_roster_parts int,
    p_roster_bytes bigint, p_rule_sha bytea, p_imports_sha bytea, p_result_sha bytea, p_public_sha bytea,
    p_imports bytea, p_result bytea, p_public bytea,
    r_code text[], r_rank int[], r_before int[], r_score bigint[], r_out smallint[], r_m bigint[], r_m_n int,
    r_v bigint[], r_beside bigint[], x_code text[], x_subject text[], x_reason text[], x_step text[])
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_beside int := cardinality(r_beside) / greatest(cardinality(r_code), 1);
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_old qm.bulletin;
    v_status smallint;
BEGIN
    SELECT * INTO v_old FROM qm.bulletin b WHERE b.county = p_county AND b.draft = p_draft;
    IF v_old.draft IS NOT NULL THEN
        RETURN QUERY SELECT 1::smallint, v_old.roster_idx, v_head.size, v_head.size, v_head.frontier, v_head.root,
            v_head.tree;
        RETURN;
    END IF;
    v_status := qm.bulletin_refusal(p_county, p_scope, p_kind, p_period, p_replaces, p_from, p_to, p_root, p_before);
    IF v_status = 0 AND NOT EXISTS (
            SELECT FROM qm.object_part o
             WHERE o.county = p_county AND o.sha256 = p_roster_sha AND o.part < p_roster_parts
            HAVING count(*) = p_roster_parts AND coalesce(sum(octet_length(o.body)), 0) = p_roster_bytes) THEN
        v_status := 6;
    END IF;
    IF v_status = 0 THEN
        INSERT INTO qm.object (county, sha256, kind, open, body, parts, bytes)
        VALUES (p_county, p_roster_sha, 'roster', false, '', p_roster_parts, p_roster_bytes)
        ON CONFLICT (county, sha256) DO NOTHING;
        PERFORM qm.bulletin_object(p_county, p_imports_sha, 'imports', false, p_imports);
        PERFORM qm.bulletin_object(p_county, p_public_sha, 'public', true, p_public);
        PERFORM qm.bulletin_object(p_county, p_result_sha, 'result', false, p_result);
        UPDATE qm.bulletin b SET state = 2
         WHERE b.county = p_county AND b.scope = p_scope AND b.period = p_period AND b.state = 0;
        INSERT INTO qm.bulletin (county, draft, scope, kind, period, replaces, before_draft, from_idx, to_size, root,
            from_rev, to_rev, tree, day, roster_idx, roster_sha, rule_sha, imports_sha, result_sha, public_sha,
            prepared_by, prepared_ms)
        VALUES (p_county, p_draft, p_scope, p_kind, p_period, p_replaces, p_before, p_from, p_to, p_root, p_from_rev,
            p_to_rev, p_tree, p_day, v_head.size, p_roster_sha, p_rule_sha, p_imports_sha, p_result_sha, p_public_sha,
            p_by, p_now);
        INSERT INTO qm.bulletin_row (county, draft, code, rank, before, score, out, m, v, beside)
        SELECT p_county, p_draft, u.code, u.rank, u.before, u.score, u.out,
               r_m[(u.o - 1) * 8 * r_m_n + 1 : u.o * 8 * r_m_n], r_v[(u.o - 1) * 68 + 1 : u.o * 68],
               r_beside[(u.o - 1) * v_beside + 1 : u.o * v_beside]
          FROM unnest(r_code, r_rank, r_before, r_score, r_out) WITH ORDINALITY
               AS u (code, rank, before, score, out, o);
        INSERT INTO qm.proposal (county, draft, n, code, subject, reason, step)
        SELECT p_county, p_draft, u.o, u.code, u.subject, u.reason, u.step
          FROM unnest(x_code, x_subject, x_reason, x_step) WITH ORDINALITY AS u (code, subject, reason, step, o);
        v_new := qm.log_commit(v_head, ARRAY[9::smallint], ARRAY[p_now], ARRAY[qm.entry_text('roster/v1', p_now,
            'by ' || p_by || E'\nscope ' || p_scope || E'\n',
            'period ' || p_period || E'\nto ' || p_to || E'\nday ' || to_char(p_day, 'YYYY-MM-DD')
            || E'\nsha256:' || encode(p_roster_sha, 'hex') || E'\n')]);
    END IF;
    RETURN QUERY SELECT v_status, CASE WHEN v_status = 0 THEN v_head.size END, v_new.size, v_head.size,
        v_head.frontier, v_new.root, v_new.tree;
END
$$;

CREATE OR REPLACE FUNCTION qm.bulletin_drop(p_county int, p_by text, p_draft uuid)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_state smallint;
BEGIN
    PERFORM qm.lock_head(p_county);
    SELECT b.state INTO v_state FROM qm.bulletin b WHERE b.county = p_county AND b.draft = p_draft;
    UPDATE qm.bulletin b SET state = 2 WHERE b.county = p_county AND b.draft = p_draft AND b.state = 0;
    RETURN QUERY SELECT CASE WHEN v_state IS NULL THEN 5 WHEN v_state = 1 THEN 3 ELSE 0 END::smallint;
END
$$;

-- ---------------------------------------------------------------- publication

-- Payload of bulletin/v1 (contract, section 8).
CREATE OR REPLACE FUNCTION qm.bulletin_payload(b qm.bulletin) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT b.period || E'\nfrom ' || b.from_idx || E'\nto ' || b.to_size
        || E'\nroot ' || encode(b.root, 'base64')
        || E'\nroster sha256:' || encode(b.roster_sha, 'hex')
        || E'\nrule sha256:' || encode(b.rule_sha, 'hex')
        || coalesce(E'\nimports sha256:' || encode(b.imports_sha, 'hex'), '')
        || E'\nresult sha256:' || encode(b.result_sha, 'hex')
        || E'\npublic sha256:' || encode(b.public_sha, 'hex') || E'\n'
$$;

-- Calendar year in Shanghai of a time in Unix ms.
CREATE OR REPLACE FUNCTION qm.year_of(p_ms bigint) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT extract(year FROM date '1970-01-01' + ((p_ms + 28800000) / 86400000)::int)::int
$$;

CREATE OR REPLACE FUNCTION qm.bulletin_publish(p_county int, p_by text, p_now bigint, p_draft uuid)
RETURNS TABLE (status smallint, idx bigint, number int, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_b qm.bulletin;
    v_status smallint;
BEGIN
    SELECT * INTO v_b FROM qm.bulletin b WHERE b.county = p_county AND b.draft = p_draft AND b.state <> 2;
    IF v_b.draft IS NULL THEN
        v_status := 5;
    ELSIF v_b.state = 1 THEN
        v_status := 0; -- asked again
    ELSIF v_b.prepared_by = p_by THEN
        v_status := 2;
    ELSIF (SELECT r.differences FROM qm.recount r WHERE r.county = p_county ORDER BY r.at DESC LIMIT 1) > 0 THEN
        v_status := 7;
    ELSE
        v_status := qm.bulletin_refusal(p_county, v_b.scope, v_b.kind, v_b.period, v_b.replaces, v_b.from_idx,
                                        v_b.to_size, v_b.root, v_b.before_draft);
        IF v_status = 0 THEN
            v_b.idx := v_head.size;
            v_b.number := coalesce(
                (SELECT b.number FROM qm.bulletin b WHERE b.county = p_county AND b.idx = v_b.replaces),
                1 + (SELECT count(*) FROM qm.bulletin b
                      WHERE b.county = p_county AND b.scope = v_b.scope AND b.state = 1 AND b.replaces IS NULL
                        AND qm.year_of(b.published_ms) = qm.year_of(p_now)));
            UPDATE qm.bulletin b
               SET state = 1, idx = v_b.idx, published_by = p_by, published_ms = p_now, number = v_b.number
             WHERE b.county = p_county AND b.draft = p_draft;
            v_new := qm.log_commit(v_head, ARRAY[10::smallint], ARRAY[p_now], ARRAY[qm.entry_text('bulletin/v1', p_now,
                'by ' || p_by || E'\nprepared ' || v_b.prepared_by || E'\nscope ' || v_b.scope || E'\n'
                || coalesce('replaces ' || v_b.replaces || E'\n', ''), qm.bulletin_payload(v_b))]);
        END IF;
    END IF;
    RETURN QUERY SELECT v_status, v_b.idx, v_b.number, v_new.size, v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- Words of a draft; sections that are not named stay.
CREATE OR REPLACE FUNCTION qm.wording_set(p_county int, p_by text, p_now bigint, p_draft uuid, p_section text[],
                                          p_body text[])
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_state smallint;
BEGIN
    PERFORM qm.lock_head(p_county);
    SELECT b.state INTO v_state FROM qm.bulletin b WHERE b.county = p_county AND b.draft = p_draft;
    IF v_state = 0 THEN
        INSERT INTO qm.bulletin_text AS t (county, draft, section, body, by_account, at)
        SELECT p_county, p_draft, u.section, u.body, p_by, p_now FROM unnest(p_section, p_body) AS u (section, body)
        ON CONFLICT (county, draft, section) DO UPDATE
           SET body = excluded.body, by_account = excluded.by_account, at = excluded.at;
    END IF;
    RETURN QUERY SELECT CASE v_state WHEN 0 THEN 0 WHEN 1 THEN 3 ELSE 5 END::smallint;
END
$$;

-- Hash of a scan of the sealed paper of a published bulletin.
CREATE OR REPLACE FUNCTION qm.bulletin_seal_set(p_county int, p_by text, p_now bigint, p_draft uuid, p_sha bytea)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
BEGIN
    PERFORM qm.lock_head(p_county);
    IF NOT EXISTS (SELECT FROM qm.bulletin b WHERE b.county = p_county AND b.draft = p_draft AND b.state = 1) THEN
        RETURN QUERY SELECT 5::smallint;
        RETURN;
    END IF;
    INSERT INTO qm.bulletin_seal (county, draft, sha256, by_account, at) VALUES (p_county, p_draft, p_sha, p_by, p_now)
    ON CONFLICT (county, draft, sha256) DO NOTHING;
    RETURN QUERY SELECT 0::smallint;
END
$$;

-- A person accepts (1) or dismisses (2) what the rule proposed; once.
CREATE OR REPLACE FUNCTION qm.proposal_decide(p_county int, p_by text, p_now bigint, p_draft uuid, p_n int,
                                              p_state smallint, p_remark text)
RETURNS TABLE (status smallint) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_old qm.proposal;
BEGIN
    PERFORM qm.lock_head(p_county);
    SELECT p.* INTO v_old FROM qm.proposal p JOIN qm.bulletin b ON b.county = p.county AND b.draft = p.draft
     WHERE p.county = p_county AND p.draft = p_draft AND p.n = p_n AND b.state <> 2;
    UPDATE qm.proposal p SET state = p_state, by_account = p_by, at = p_now, remark = p_remark
     WHERE p.county = p_county AND p.draft = p_draft AND p.n = p_n AND v_old.state = 0 AND p_state IN (1, 2);
    RETURN QUERY SELECT CASE WHEN v_old.n IS NULL OR p_state NOT IN (1, 2) THEN 5
        WHEN v_old.state = 0 OR (v_old.state, v_old.remark) = (p_state, p_remark) THEN 0 ELSE 1 END::smallint;
END
$$;

-- ---------------------------------------------------------------- sign-offs

-- The village's roster as it is now is what shall be confirmed; prepared again until it is.
CREATE OR REPLACE FUNCTION qm.signoff_prepare(p_county int, p_by text, p_now bigint, p_village text, p_period text,
                                              p_day date)
RETURNS TABLE (status smallint, to_size bigint, roster_sha bytea)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_now qm.signoff;
    v_sha bytea;
    v_status smallint := 0;
BEGIN
    SELECT * INTO v_now FROM qm.signoff s WHERE s.county = p_county AND s.scope = p_village AND s.period = p_period;
    IF NOT EXISTS (SELECT FROM qm.village_counter c WHERE c.county = p_county AND c.village::text = p_village) THEN
        v_status := 5;
    ELSIF v_now.idx IS NOT NULL THEN
        v_status := 1;
    ELSE
        SELECT sha256(convert_to(f.lines, 'UTF8')) INTO v_sha FROM qm.freeze_village(p_county, p_village, p_day) f;
        INSERT INTO qm.signoff AS s (county, scope, period, prepared_by, prepared_ms, to_size, roster_sha)
        VALUES (p_county, p_village, p_period, p_by, p_now, v_head.size, v_sha)
        ON CONFLICT (county, scope, period) DO UPDATE
           SET prepared_by = excluded.prepared_by, prepared_ms = excluded.prepared_ms, to_size = excluded.to_size,
               roster_sha = excluded.roster_sha
        RETURNING s.* INTO v_now;
    END IF;
    RETURN QUERY SELECT v_status, v_now.to_size, v_now.roster_sha;
END
$$;

-- Another account confirms what was prepared and looked at: size and hash must still be those.
CREATE OR REPLACE FUNCTION qm.signoff_confirm(p_county int, p_by text, p_now bigint, p_village text, p_period text,
                                              p_to bigint, p_sha bytea)
RETURNS TABLE (status smallint, idx bigint, size bigint, old_size bigint, old_frontier bytea[],
               root bytea, tree int)
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := qm.lock_head(p_county);
    v_new qm.log_head := v_head;
    v_now qm.signoff;
    v_status smallint := 0;
BEGIN
    SELECT * INTO v_now FROM qm.signoff s WHERE s.county = p_county AND s.scope = p_village AND s.period = p_period;
    IF v_now.scope IS NULL THEN
        v_status := 5;
    ELSIF v_now.prepared_by = p_by THEN
        v_status := 2;
    ELSIF (v_now.to_size, v_now.roster_sha) IS DISTINCT FROM (p_to, p_sha) THEN
        v_status := 4;
    ELSIF v_now.idx IS NULL THEN
        v_now.idx := v_head.size;
        UPDATE qm.signoff s SET confirmed_by = p_by, confirmed_ms = p_now, idx = v_now.idx
         WHERE s.county = p_county AND s.scope = p_village AND s.period = p_period;
        v_new := qm.log_commit(v_head, ARRAY[8::smallint], ARRAY[p_now], ARRAY[qm.entry_text('signoff/v1', p_now,
            'by ' || p_by || E'\nscope ' || p_village || E'\n',
            'period ' || p_period || E'\nto ' || p_to || E'\nsha256:' || encode(p_sha, 'hex') || E'\n')]);
    END IF;
    RETURN QUERY SELECT v_status, v_now.idx, v_new.size, v_head.size, v_head.frontier, v_new.root, v_new.tree;
END
$$;

-- Monday noon in Shanghai after the last day of a period, in Unix ms.
CREATE OR REPLACE FUNCTION qm.signoff_deadline(p_day date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT (p_day - date '1970-01-01' + 8 - extract(isodow FROM p_day)::int)::bigint * 86400000 + 14400000
$$;

-- Villages of a scope.  state: 0 missing, 1 prepared, 2 confirmed, 3 confirmed late, that is after Monday
-- noon or after the range had been frozen (p_to; null: not yet).
CREATE OR REPLACE FUNCTION qm.signoff_list(p_county int, p_scope text, p_period text, p_day date, p_to bigint)
RETURNS TABLE (village text, name text, state smallint, prepared_by text, prepared_ms bigint, to_size bigint,
               roster_sha bytea, confirmed_by text, confirmed_ms bigint, idx bigint)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT c.village::text, c.name,
           CASE WHEN s.scope IS NULL THEN 0 WHEN s.idx IS NULL THEN 1
                WHEN s.idx >= p_to OR s.confirmed_ms > qm.signoff_deadline(p_day) THEN 3 ELSE 2 END::smallint,
           s.prepared_by, s.prepared_ms, s.to_size, s.roster_sha, s.confirmed_by, s.confirmed_ms, s.idx
      FROM qm.village_counter c
      LEFT JOIN qm.signoff s ON s.county = c.county AND s.scope = c.village::text AND s.period = p_period
     WHERE c.county = p_county AND c.village BETWEEN qm.first_grid(p_scope) / 1000 AND qm.last_grid(p_scope) / 1000
     ORDER BY c.village
$$;

-- ---------------------------------------------------------------- figures from elsewhere

-- All or nothing; bad is the first faulty row, counted from 1.
CREATE OR REPLACE FUNCTION qm.figures_set(p_county int, p_by text, p_now bigint, p_period text, p_metric text[],
                                          p_code text[], p_value bigint[], p_source bytea)
RETURNS TABLE (status smallint, bad int) LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_bad int;
BEGIN
    PERFORM qm.lock_head(p_county);
    SELECT u.o INTO v_bad
      FROM (SELECT x.*, row_number() OVER (PARTITION BY x.metric, x.code ORDER BY x.o) AS again
              FROM unnest(p_metric, p_code, p_value) WITH ORDINALITY AS x (metric, code, value, o)) u
     WHERE (u.metric ~ '^[a-z0-9][a-z0-9_-]{0,39}$' AND u.code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$'
            AND starts_with(u.code, p_county::text) AND u.value BETWEEN 0 AND 9007199254740991 AND u.again = 1)
           IS NOT TRUE
     ORDER BY u.o LIMIT 1;
    IF v_bad IS NULL THEN
        INSERT INTO qm.figure AS f (county, period, metric, code, value, source, by_account, at)
        SELECT p_county, p_period, u.metric, u.code, u.value, p_source, p_by, p_now
          FROM unnest(p_metric, p_code, p_value) AS u (metric, code, value)
        ON CONFLICT (county, period, metric, code) DO UPDATE
           SET value = excluded.value, source = excluded.source, by_account = excluded.by_account, at = excluded.at;
    END IF;
    RETURN QUERY SELECT CASE WHEN v_bad IS NULL THEN 0 ELSE 1 END::smallint, v_bad;
END
$$;

CREATE OR REPLACE FUNCTION qm.figure_list(p_county int, p_prefix text, p_period text)
RETURNS TABLE (metric text, code text, value bigint, source bytea, by_account text, at bigint)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT f.metric, f.code, f.value, f.source, f.by_account, f.at
      FROM qm.figure f
     WHERE f.county = p_county AND f.period = p_period AND starts_with(f.code, p_prefix)
     ORDER BY f.metric, f.code
$$;

-- ---------------------------------------------------------------- reads

-- Frozen and published ones, newest first: key is the index of the bulletin, or of the roster of one
-- that is frozen only.  Frozen ones are for the township's office and the county's.  A village, and a grid's leader,
-- find those of their township.
CREATE OR REPLACE FUNCTION qm.bulletin_list(p_county int, p_role text, p_prefix text, p_scope text, p_before bigint,
                                            p_limit int)
RETURNS TABLE (key bigint, draft uuid, scope text, kind smallint, period text, state smallint, replaces bigint,
               replaced_by bigint, from_idx bigint, to_size bigint, prepared_by text, prepared_ms bigint, idx bigint,
               published_by text, published_ms bigint, number int)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT coalesce(b.idx, b.roster_idx), b.draft, b.scope, b.kind, b.period, b.state, b.replaces, r.idx, b.from_idx,
           b.to_size, b.prepared_by, b.prepared_ms, b.idx, b.published_by, b.published_ms, b.number
      FROM qm.bulletin b
      LEFT JOIN qm.bulletin r ON r.county = b.county AND r.state = 1 AND r.replaces = b.idx
     WHERE b.county = p_county AND p_role IS NOT NULL AND (starts_with(b.scope, p_prefix)
            OR p_role IN ('leader', 'deputy', 'secretary') AND starts_with(p_prefix, b.scope))
       AND (p_scope IS NULL OR b.scope = p_scope)
       AND (b.state = 1 OR b.state = 0 AND p_role IN ('township', 'admin'))
       AND coalesce(b.idx, b.roster_idx) < coalesce(p_before, 9223372036854775807)
     ORDER BY 1 DESC
     LIMIT least(greatest(p_limit, 1), 200)
$$;

-- One bulletin by its draft id, or a published one by its entry's index (draft null).  Dropped ones are gone.
CREATE OR REPLACE FUNCTION qm.bulletin_read(p_county int, p_draft uuid, p_idx bigint)
RETURNS TABLE (draft uuid, scope text, scope_name text, county_name text, kind smallint, period text, state smallint,
               replaces bigint, replaces_draft uuid, replaced_by bigint, before_draft uuid, before_period text,
               from_idx bigint, to_size bigint, bulletin_root bytea, bulletin_tree int, day date, roster_idx bigint,
               roster_sha bytea, before_roster_sha bytea, rule_sha bytea, rule bytea, imports_sha bytea,
               result_sha bytea, public_sha bytea, prepared_by text, prepared_ms bigint, idx bigint,
               published_by text, published_ms bigint, number int, vkey text)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT b.draft, b.scope, coalesce(d.name, h.name), h.name, b.kind, b.period, b.state, b.replaces, o.draft, r.idx,
           b.before_draft, w.period, b.from_idx, b.to_size, b.root, b.tree, b.day, b.roster_idx, b.roster_sha,
           w.roster_sha, b.rule_sha, j.body, b.imports_sha, b.result_sha, b.public_sha, b.prepared_by, b.prepared_ms,
           b.idx, b.published_by, b.published_ms, b.number, t.vkey
      FROM qm.bulletin b
      JOIN qm.log_head h ON h.county = b.county
      JOIN qm.object j ON j.county = b.county AND j.sha256 = b.rule_sha
      LEFT JOIN qm.log_tree t ON t.county = b.county AND t.tree = b.tree
      LEFT JOIN qm.division d ON d.code = b.scope
      LEFT JOIN qm.bulletin r ON r.county = b.county AND r.state = 1 AND r.replaces = b.idx
      LEFT JOIN qm.bulletin o ON o.county = b.county AND o.idx = b.replaces
      LEFT JOIN qm.bulletin w ON w.county = b.county AND w.draft = b.before_draft
     WHERE b.county = p_county AND b.state <> 2
       AND (b.draft = p_draft OR p_draft IS NULL AND b.idx = p_idx)
$$;

-- Divisions of a ranking as the result has them: ranked ones by rank and code, then the others by code.
CREATE OR REPLACE FUNCTION qm.bulletin_rows(p_county int, p_draft uuid)
RETURNS TABLE (code text, name text, rank int, before int, score bigint, left_out smallint, m bigint[], v bigint[],
               beside bigint[])
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT r.code, coalesce(d.name, g.name, ''), r.rank, r.before, r.score, r.out, r.m, r.v, r.beside
      FROM qm.bulletin_row r
      LEFT JOIN qm.division d ON d.code = r.code
      LEFT JOIN qm.grid g ON g.county = r.county AND g.grid = CASE WHEN length(r.code) = 15 THEN r.code::bigint END
     WHERE r.county = p_county AND r.draft = p_draft
     ORDER BY r.rank = 0, r.rank, r.code
$$;

-- Phones of people who have grids in a scope: those not heard of since a time (or never), and those
-- whose sequence numbers have gaps.  wanted: pictures that their events name and that did not come.
CREATE OR REPLACE FUNCTION qm.silent_phones(p_county int, p_scope text, p_since bigint)
RETURNS TABLE (account text, device uuid, last_recv bigint, missing bigint, wanted bigint)
LANGUAGE sql STABLE SET search_path = qm, pg_temp AS $$
    SELECT q.account, q.device, q.last_recv, q.missing, q.wanted
      FROM (SELECT d.account, d.device, d.last_recv,
                   (SELECT coalesce(sum(upper(u.gap) - lower(u.gap)), 0)::bigint
                      FROM unnest(int8multirange(int8range(1, upper(d.recorded + d.rejected)))
                                  - (d.recorded + d.rejected)) AS u (gap)
                     WHERE NOT isempty(d.recorded + d.rejected)) AS missing,
                   (SELECT count(*) FROM qm.want w JOIN qm.event e ON e.county = w.county AND e.id = w.event
                     WHERE w.county = d.county AND w.account = d.account AND e.device = d.device) AS wanted
              FROM qm.device d
             WHERE d.county = p_county AND d.revoked_idx IS NULL
               AND EXISTS (SELECT FROM qm.account_grid g
                            WHERE g.county = d.county AND g.account = d.account AND g.now
                              AND g.grid BETWEEN qm.first_grid(p_scope) AND qm.last_grid(p_scope))) q
     WHERE q.missing > 0 OR q.last_recv IS NULL OR q.last_recv < p_since
     ORDER BY q.account, q.device
$$;
