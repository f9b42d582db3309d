"""The command line: wires the rooms, holds no logic."""
