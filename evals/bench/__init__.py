"""What the assistant costs: ingest, search and serving beside their floors and their peers.

Seconds depend on the machine and on what else it does, so every bar is a ratio within one run,
and what is compared is measured in turns.
"""
