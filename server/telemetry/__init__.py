"""What the operator sees: logs, metrics, refused requests."""
