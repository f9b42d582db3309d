"""The plan in the forms that other tools take."""
