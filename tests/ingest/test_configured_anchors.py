"""Anchors that a configuration asks for, as the generators built them with it."""

from pathlib import Path

import pytest

from ingest.site import Site

_HEADINGS = [
    "Hello World",
    "Ünïcödé Straße",
    "安装 x",
    "a_b-c",
    "A & B",
    "v1.2 (x)",
    "Émile   y",
    "安装",
]
_TEXT = "".join(f"## {heading}\n\n" for heading in [*_HEADINGS, _HEADINGS[0]])
_PYMDOWNX = "slugify: !!python/object/apply:pymdownx.slugs.slugify"


def anchors(docs: Path, config: str, text: str) -> list[str]:
    (docs / config).write_text(text)
    sections = Site.of(docs, base_url="/").read("a.md", _TEXT).sections
    return [part.section.anchor for part in sections]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            "permalink: true",
            "hello-world unicode-strae x a_b-c a-b v12-x emile-y _1 hello-world_1",
        ),
        (
            f"{_PYMDOWNX} {{kwds: {{case: lower}}}}",
            "hello-world ünïcödé-straße 安装-x a_b-c a--b v12-x émile-y 安装 hello-world_1",
        ),
        (
            f"{_PYMDOWNX}\n        kwds:\n          case: lower-ascii\n"
            "          percent_encode: true",
            "hello-world %C3%9Cn%C3%AFc%C3%B6d%C3%A9-stra%C3%9Fe %E5%AE%89%E8%A3%85-x a_b-c a--b "
            "v12-x %C3%89mile-y %E5%AE%89%E8%A3%85 hello-world_1",
        ),
        (
            f"{_PYMDOWNX} {{kwds: {{case: fold, normalize: NFKD}}}}",
            "hello-world unicode-strasse 安装-x a_b-c a--b v12-x emile-y 安装 hello-world_1",
        ),
        (
            f"{_PYMDOWNX} {{}}\n      separator: '.'",
            "Hello.World Ünïcödé.Straße 安装.x a_b-c A..B v12.x Émile.y 安装 Hello.World_1",
        ),
        (
            "slugify: !!python/name:pymdownx.slugs.uslugify",
            "hello-world ünïcödé-straße 安装-x a_b-c a--b v12-x émile-y 安装 hello-world_1",
        ),
        (
            "slugify: !!python/name:markdown.extensions.toc.slugify_unicode",
            "hello-world ünïcödé-straße 安装-x a_b-c a-b v12-x émile-y 安装 hello-world_1",
        ),
        (
            "separator: '_'",
            "hello_world unicode_strae x a_b-c a_b v12_x emile_y _1 hello_world_1",
        ),
        (
            "slugify: !!python/name:my.own",
            "hello-world unicode-strae x a_b-c a-b v12-x emile-y _1 hello-world_1",
        ),
    ],
)
def test_mkdocs(tmp_path: Path, options: str, expected: str) -> None:
    text = (
        f"markdown_extensions:\n  - toc:\n      {options}\n  - pymdownx.tabbed:\n"
        "      slugify: !!python/object/apply:pymdownx.slugs.slugify {}\n"
    )
    assert anchors(tmp_path, "mkdocs.yml", text) == expected.split()


def test_a_mapping_of_extensions_and_a_file_that_is_wrong(tmp_path: Path) -> None:
    text = "markdown_extensions:\n  toc:\n    separator: '.'\n"
    assert anchors(tmp_path, "mkdocs.yml", text)[0] == "hello.world"
    assert anchors(tmp_path, "mkdocs.yml", f"{text}  [slugify")[0] == "hello-world"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (
            "autoHeadingIDType = 'github-ascii'",
            "unicode-strae -x a_b-c a--b v12-x emile---y heading",
        ),
        ("autoIDType = 'blackfriday'", "ünïcödé-straße 安装-x a-b-c a-b v1-2-x émile-y 安装"),
        ("autoHeadingIDType = 'github'", "ünïcödé-straße 安装-x a_b-c a--b v12-x émile---y 安装"),
    ],
)
def test_hugo(tmp_path: Path, setting: str, expected: str) -> None:
    found = anchors(tmp_path, "hugo.toml", f"[markup.goldmark.parser]\n{setting}\n")
    assert found == ["hello-world", *expected.split(), "hello-world-1"]


def test_hugo_without_anchors(tmp_path: Path) -> None:
    text = "markup:\n  goldmark:\n    parser:\n      autoHeadingID: false\n"
    assert not any(anchors(tmp_path, "hugo.yaml", text))


def test_pages_that_were_read_with_other_anchors_are_read_again(tmp_path: Path) -> None:
    rules = set()
    for options in ("{}", "{separator: _}", "{separator: '.'}"):
        (tmp_path / "mkdocs.yml").write_text(f"markdown_extensions: [toc: {options}]\n")
        rules.add(Site.of(tmp_path, base_url="/").rules)
    assert len(rules) == 3


def test_a_configuration_lies_up_to_three_folders_above_the_pages(tmp_path: Path) -> None:
    docs = tmp_path / "docs" / "src" / "markdown"
    docs.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "mkdocs.yml").write_text("markdown_extensions: [toc: {separator: _}]\n")
    document = Site.of(docs, base_url="/").read("a.md", "# A b\n\n## 6.0 {: #\\6.0 }\n")
    assert [part.section.anchor for part in document.sections] == ["a_b", "6.0"]


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ("['colon_fence']", "what-s-a-b really-x"),
        ("['smartquotes']", "whats-a-b really-x"),
        ("['smartquotes', 'replacements']", "whats-ab really-x"),
    ],
)
def test_typography_of_myst(tmp_path: Path, extensions: str, expected: str) -> None:
    (tmp_path / "conf.py").write_text(f"myst_enable_extensions = {extensions}\n")
    document = Site.of(tmp_path, base_url="/").read("a.md", "# What's a--b\n\n## 'Really' x\n")
    assert " ".join(part.section.anchor for part in document.sections) == expected


@pytest.mark.parametrize(
    ("config", "opening", "closing"),
    [("mkdocs.yml", "[", "]"), ("hugo.yaml", "{n: ", "}")],
)
def test_aliases_of_aliases_are_not_written_out(
    tmp_path: Path, config: str, opening: str, closing: str
) -> None:
    # Eighty lines of it would hold more items than there is memory for.
    lines = ["a0: &a0 x"]
    for number in range(1, 80):
        item = f"*a{number - 1}"
        inner = f"{item}, {item}" if opening == "[" else f"{item}, m: {item}"
        lines.append(f"a{number}: &a{number} {opening}{inner}{closing}")
    names = ["exclude_docs", "docs_dir", "markup", "languages", "permalinks", "uglyURLs"]
    lines += [f"{name}: *a79" for name in names]
    assert anchors(tmp_path, config, "\n".join(lines))[0] == "hello-world"
