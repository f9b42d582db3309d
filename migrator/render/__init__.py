"""Lays a plan out as documents; computes nothing."""
