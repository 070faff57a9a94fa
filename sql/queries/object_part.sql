-- One part of a large object; one that was made longer than a part can be is cut a byte behind that.
SELECT substring(body FOR 1048577) FROM qm.object_part WHERE county = $1 AND sha256 = $2 AND part = $3
