-- Accepts or dismisses a proposal.
SELECT * FROM qm.proposal_decide($1, $2, $3, $4, $5, $6, $7)
