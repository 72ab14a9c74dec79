"""`vartai stream`: its verb, and a filter of lines for each task that streams."""
