"""Compares the table with the source: rows, and declared queries."""
