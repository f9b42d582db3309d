"""Chooses keys, indexes and paths for the declared queries, with their cost."""
