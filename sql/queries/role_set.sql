-- The role that a connection of its own takes on.
SELECT set_config('role', $1, false)
