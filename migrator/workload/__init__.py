"""Reads the application's own SQL into access patterns."""
