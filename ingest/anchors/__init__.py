"""The anchor that a site's generator gives a heading: one rule a module."""
