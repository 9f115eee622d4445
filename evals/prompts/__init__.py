"""The prompts of evaluations, as Markdown with their versions in the front matter."""
