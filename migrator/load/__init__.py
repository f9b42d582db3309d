"""Writes every row's items exactly once, resumably."""
