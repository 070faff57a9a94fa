-- Is there such a code, and whose is it; looked at before a key is claimed, so that nobody without
-- a code can claim keys.
SELECT expires_ms, used_key FROM qm.enrol_code WHERE county = $1 AND code_mac = $2
