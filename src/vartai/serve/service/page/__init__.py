"""The page on which a service is tried: what it asks, and how it looks."""
