"""The ChatKit server: a client's requests, threads and items."""
