"""Bytes to text that was checked, to tokens that know their place, to ids."""
