-- Statistics of a register that has just grown: the connections of the server keep their plans, and plan anew.
ANALYZE qm.household, qm.household_card, qm.resident, qm.resident_card
