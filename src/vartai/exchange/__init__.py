"""Other programs' forms of the same networks."""
