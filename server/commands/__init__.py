"""The commands of `python -m server`; without a name, it serves."""
