"""Engines behind the `Embedder` port, one module each, imported by `store.resources` alone."""
