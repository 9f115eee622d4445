"""The commands of `python -m evals`; without a name, `evaluate` is meant."""
