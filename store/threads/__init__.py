"""Threads and their items: the ChatKit `Store` on a SQL database."""
