"""`vartai compare`: several cells on one task, at equal parameters and an equal budget."""
