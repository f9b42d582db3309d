"""The only room that speaks to DynamoDB."""
