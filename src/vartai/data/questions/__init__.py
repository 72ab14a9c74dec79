"""Questions about texts: SQuAD's JSON, bAbI's stories and tables, to checked questions."""
