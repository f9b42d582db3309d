"""Frozen values that every room speaks: schema, statistics, queries, units, errors."""
