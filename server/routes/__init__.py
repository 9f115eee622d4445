"""The HTTP routes of the assistant; those of `site` and `auth` are in their folders."""
