"""The readable definition of every cell. Any faster path must agree with these functions."""
