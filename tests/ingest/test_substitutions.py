"""Texts that a Sphinx project's conf.py has names for."""

from pathlib import Path

import pytest

from ingest.site import Site

_CONF = """\
release = "2.1"
version = release
rst_prolog = ".. |tool| replace:: The *Tool*"
rst_epilog = '''
.. _the site: https://example.org/
.. |long| replace:: much
   longer
'''
myst_enable_extensions = ["substitution", "colon_fence"]
extlinks = {"issue": ("https://x.org/%s?a=%%20", "#%s"), "pypi": ("https://pypi/%s/", None), "n": 1}
myst_substitutions = {"tool": "the *tool*", "number": 4}
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "conf.py").write_text(_CONF)
    return Site.of(tmp_path, base_url="/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("|tool| at `the site`_.", "The *Tool* at [the site](https://example.org/)."),
        ("Is |long|, in |release|.", "Is much\nlonger, in 2.1."),
        ("|own|\n\n.. |own| replace:: mine", "mine"),
        ("|tool|\n\n.. |tool| replace:: mine", "mine"),
        ("|version| of |nothing|", "version of nothing"),
        (
            ":issue:`12`, :issue:`it <3>`",
            "[#12](https://x.org/12?a=%20), [it](https://x.org/3?a=%20)",
        ),
        (":pypi:`a` ``:pypi:`a```", "https://pypi/a/ `` :pypi:`a` ``"),
        ("::\n\n   |tool|", "```\n|tool|\n```"),
    ],
)
def test_rst(site: Site, text: str, expected: str) -> None:
    assert site.read("a.rst", f"A\n=\n\n{text}\n").text == f"# A {{#a}}\n\n{expected}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use {{ tool }} and {{tool}}.", "Use the *tool* and the *tool*."),
        ("{{ number }} {{ other }}", "{{ number }} {{ other }}"),
        ("{issue}`12` :issue:`1`", "[#12](https://x.org/12?a=%20) :issue:`1`"),
        ("`{{ tool }}` {{ tool }}", "`{{ tool }}` the *tool*"),
        ("```\n{{ tool }}\n```\n{{ tool }}", "```\n{{ tool }}\n```\nthe *tool*"),
        ("```{note}\n{{ tool }}\n```\n{{ tool }}", ":::note\nthe *tool*\n:::\nthe *tool*"),
        (":::{code-block} sh\n{{ tool }}\n:::", ":::sh\n{{ tool }}\n:::"),
    ],
)
def test_myst(site: Site, text: str, expected: str) -> None:
    assert site.read("a.md", text).text == expected


def test_a_title_is_called_by_what_it_shows(site: Site) -> None:
    sections = site.read("a.rst", "Needs :pypi:`b`\n===============\n").sections
    assert [part.section.anchor for part in sections] == ["needs-https-pypi-b"]


def test_a_page_of_myst_has_its_own(site: Site) -> None:
    text = "---\nmyst:\n  substitutions:\n    tool: mine\n---\n{{ tool }}\n"
    assert site.read("a.md", text).text.strip() == "mine"


def test_pages_come_out_else_when_a_text_changes(site: Site) -> None:
    before = site.rules
    (site.docs / "conf.py").write_text(_CONF.replace("the *tool*", "it"))
    assert Site.of(site.docs, base_url="/").rules != before


def test_the_language_of_code_that_names_none(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("highlight_language = 'python3'\n")
    text = "A\n=\n\n::\n\n   x\n\nB\n-\n\n.. highlight:: none\n\n::\n\n   y\n"
    read = Site.of(tmp_path, base_url="/").read("a.rst", text).text
    assert read == "# A {#a}\n\n```python3\nx\n```\n\n## B {#b}\n\n```\ny\n```\n"


def test_a_configuration_without_any_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("rst_epilog = made()\nmyst_substitutions = 1\n")
    site = Site.of(tmp_path, base_url="/")
    assert site.read("a.md", "{{ tool }}\n").text == "{{ tool }}\n"
    assert site.read("a.rst", "|tool|\n").text == "tool\n"
