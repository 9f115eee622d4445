"""A folder of docs becomes passages in the index."""
