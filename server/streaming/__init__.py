"""Answers on their way to readers who are slow, go away, or are there when the server stops."""
