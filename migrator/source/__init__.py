"""The only room that speaks to the relational database."""
