"""Words and sentences, compared without a model: terms, how rare they are, names in code."""
