-- The log: entries, leaves, nodes, frontier, root, checkpoint and head, always in one commit.
-- RFC 6962 section 2.1: leaf = SHA-256(0x00 | entry), node = SHA-256(0x01 | left | right).

CREATE OR REPLACE FUNCTION qm.lock_head(p_county int) RETURNS qm.log_head
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head;
BEGIN
    SELECT * INTO v_head FROM qm.log_head WHERE county = p_county FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'county % is not set up', p_county USING ERRCODE = 'QM001';
    END IF;
    RETURN v_head;
END
$$;
COMMENT ON FUNCTION qm.lock_head IS 'the first statement of every function that writes';

-- Fold of a frontier (largest subtree first) into the root of the whole tree.
CREATE OR REPLACE FUNCTION qm.frontier_root(p_frontier bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = qm, pg_temp AS $$
DECLARE
    v_n int := coalesce(array_length(p_frontier, 1), 0);
    v_root bytea;
BEGIN
    IF v_n = 0 THEN
        RETURN sha256('');
    END IF;
    v_root := p_frontier[v_n];
    FOR i IN REVERSE v_n - 1 .. 1 LOOP
        v_root := sha256('\x01'::bytea || p_frontier[i] || v_root);
    END LOOP;
    RETURN v_root;
END
$$;

-- Appends entries to a locked head, raises the revision, writes the head.  Returns the new head.
CREATE OR REPLACE FUNCTION qm.log_commit(p_head qm.log_head, p_types smallint[], p_recvs bigint[],
                                         p_bodies bytea[]) RETURNS qm.log_head
LANGUAGE plpgsql SET search_path = qm, pg_temp AS $$
DECLARE
    v_head qm.log_head := p_head;
    v_n int := coalesce(array_length(p_bodies, 1), 0);
    v_frontier bytea[] := p_head.frontier;
    v_top int := coalesce(array_length(p_head.frontier, 1), 0);
    v_hash bytea;
    v_pos bigint;
    v_level smallint;
    v_levels smallint[] := '{}';
    v_positions bigint[] := '{}';
    v_hashes bytea[] := '{}';
BEGIN
    v_head.revision := p_head.revision + 1;
    FOR i IN 1 .. v_n LOOP
        v_hash := sha256('\x00'::bytea || p_bodies[i]);
        v_pos := v_head.size;
        v_level := 0;
        v_levels := v_levels || v_level;
        v_positions := v_positions || v_pos;
        v_hashes := v_hashes || v_hash;
        WHILE v_pos & 1 = 1 LOOP
            v_hash := sha256('\x01'::bytea || v_frontier[v_top] || v_hash);
            v_top := v_top - 1;
            v_pos := v_pos >> 1;
            v_level := v_level + 1::smallint;
            v_levels := v_levels || v_level;
            v_positions := v_positions || v_pos;
            v_hashes := v_hashes || v_hash;
        END LOOP;
        v_top := v_top + 1;
        v_frontier[v_top] := v_hash;
        v_head.size := v_head.size + 1;
    END LOOP;
    IF v_n > 0 THEN
        v_head.frontier := v_frontier[1:v_top];
        v_head.root := qm.frontier_root(v_head.frontier);
        INSERT INTO qm.log_entry (county, idx, type, recv, body)
        SELECT p_head.county, p_head.size + u.o - 1, u.type, u.recv, u.body
          FROM unnest(p_types, p_recvs, p_bodies) WITH ORDINALITY AS u (type, recv, body, o);
        INSERT INTO qm.log_node (county, level, pos, hash)
        SELECT p_head.county, u.level, u.pos, u.hash
          FROM unnest(v_levels, v_positions, v_hashes) AS u (level, pos, hash);
        INSERT INTO qm.log_checkpoint (county, size, tree, root)
        VALUES (p_head.county, v_head.size, v_head.tree, v_head.root);
    END IF;
    UPDATE qm.log_head
       SET size = v_head.size, frontier = v_head.frontier, root = v_head.root,
           revision = v_head.revision, tree = v_head.tree, age_day = v_head.age_day
     WHERE county = p_head.county;
    RETURN v_head;
END
$$;

-- One entry of an office or a device: type line, recv, headers, empty line, payload.
CREATE OR REPLACE FUNCTION qm.entry_text(p_type text, p_recv bigint, p_headers text, p_payload text)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(p_type || E'\nrecv ' || p_recv || E'\n' || p_headers || E'\n' || p_payload, 'UTF8')
$$;

-- A pseudonym as the wire writes it: 16 bytes, base64url without padding.  Inlined: rosters have millions.
CREATE OR REPLACE FUNCTION qm.pseudonym(p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT left(replace(replace(encode(uuid_send(p_id), 'base64'), '+', '-'), '/', '_'), 22)
$$;

-- And back; nothing for an empty text.
CREATE OR REPLACE FUNCTION qm.pseudonym_id(p_name text) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN p_name <> ''
                THEN encode(decode(translate(p_name, '-_', '+/') || '==', 'base64'), 'hex')::uuid END
$$;

-- First and last grid of a division code of any level.
CREATE OR REPLACE FUNCTION qm.first_grid(p_prefix text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT rpad(p_prefix, 15, '0')::bigint $$;
CREATE OR REPLACE FUNCTION qm.last_grid(p_prefix text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT rpad(p_prefix, 15, '9')::bigint $$;
