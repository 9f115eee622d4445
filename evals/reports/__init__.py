"""A run, written for those who read it: in the terminal, in CI, on a pull request, on a page."""
