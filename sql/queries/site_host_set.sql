-- Fixes the authority that every name is made of, once.
INSERT INTO qm.site (host) VALUES ($1) ON CONFLICT (one) DO NOTHING
