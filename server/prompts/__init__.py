"""Every prompt, as Markdown with its version in the front matter."""

from dataclasses import dataclass
from importlib.resources import files
from string import Template

import yaml


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text, and the version that evaluations and logs name."""

    name: str
    version: int
    text: str


def load_prompt(name: str, *, package: str = __name__, **values: str) -> Prompt:
    """Read a package's `name`.md and fill in its `$placeholders`; each of them must be given."""
    source = files(package).joinpath(f"{name}.md").read_text(encoding="utf-8")
    _, front_matter, body = source.split("---\n", 2)
    version = int(yaml.safe_load(front_matter)["version"])
    return Prompt(name=name, version=version, text=Template(body.strip()).substitute(values))
