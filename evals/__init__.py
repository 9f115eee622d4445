"""Question sets, metrics and the gate that keeps a worse assistant from shipping."""
