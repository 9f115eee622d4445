"""Question sets of other tools: tables, the layout of BEIR, and test sets of Ragas."""
