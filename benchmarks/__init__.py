"""Measurements of whole runs; no test times anything."""
