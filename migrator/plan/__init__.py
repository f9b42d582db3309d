"""The plan: what is reviewed, applied and verified; and the pure functions that rows and requests follow."""
