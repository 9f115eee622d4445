"""One module a format: a file's text becomes a page with a section tree."""
