"""What is kept: the passage index, embedders, threads. Knows no HTTP, prompt or file format."""
