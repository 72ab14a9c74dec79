"""Layers put together: ids in, scores out. Nothing here reads files or sees a configuration."""
