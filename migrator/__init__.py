"""Move an application from a relational database to one DynamoDB table."""

__version__ = "0.1.0"
