"""The service: models behind HTTP, many requests computed as one batch, states kept or carried."""
