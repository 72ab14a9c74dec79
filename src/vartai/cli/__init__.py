"""The command line: parses, calls the rooms below, prints. The only code that prints."""
