"""Tests of the command line: what is said, what is written, and with which code it ends."""
