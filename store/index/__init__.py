"""Engines behind the `PassageIndex` and `IndexWriter` ports."""
