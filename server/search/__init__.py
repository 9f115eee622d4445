"""A question becomes ranked passages, and the judgement whether they answer it."""
