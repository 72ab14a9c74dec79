"""`vartai memory`."""
