"""Pictures: opened with care, and turned into annotation vectors that attention can look at."""
