"""A docs folder as the site that is made of it: how its files are read, and their URLs."""

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath

from ingest.anchors.nbsphinx import NbsphinxSlugger
from ingest.configured_anchors import ConfiguredSlugger
from ingest.detection import detect_generator, pages_folder, project_of
from ingest.document import Document, Notice, named
from ingest.extensions import declared_directives, nbsphinx_suffixes
from ingest.generators import Generator
from ingest.included_files import IncludedFiles
from ingest.includes import Expanded, Includes
from ingest.labels import Labels, may_refer
from ingest.mdx_includes import MdxIncludes, may_include_mdx
from ingest.myst_includes import MystIncludes, may_include_myst
from ingest.notices import gathered
from ingest.publishing import IsPage
from ingest.readers import NBSPHINX
from ingest.readers.directive_names import unknown_directive
from ingest.rst_includes import RstIncludes, may_include_rst
from ingest.substitutions import Substitutions
from ingest.urls import TITLE, ConfiguredRule, page_url
from ingest.variants import Variants, find_variants


@dataclass(frozen=True)
class Site:
    """A docs folder, its generator and where its pages are published."""

    docs: Path
    project: Path
    generator: Generator
    base_url: str
    variants: Variants = field(default_factory=Variants)

    @classmethod
    def of(
        cls,
        docs: Path,
        *,
        base_url: str,
        generator: Generator | None = None,
        version_pattern: str = "",
        locale_pattern: str = "",
    ) -> "Site":
        """Look at `docs` for its project, its languages and, unless it is given, its generator.

        The site's own folder is that of the pages, when `docs` is that of their configuration.
        """
        docs = docs.resolve()
        project = project_of(docs)
        generator = generator or detect_generator(docs, project)
        docs = pages_folder(docs, generator)
        variants = find_variants(
            docs,
            version_pattern=version_pattern,
            locale_pattern=locale_pattern,
            suffixes=generator.languages(docs),
            folders=generator.language_folders(docs),
        )
        return cls(docs, project, generator, base_url, variants)

    @property
    def rules(self) -> str:
        """What the site's pages are made by; another value means that they may come out else."""
        patterns = (self.variants.version_pattern, self.variants.locale_pattern)
        parts = [*(each.pattern for each in patterns), *sorted(self.variants.locales)]
        parts += sorted(self.variants.suffixes)
        if self._configured_address is not None:
            parts.append(self._configured_address.named)
        if self._configured_slugger is not None:
            parts.append(self._configured_slugger.named)
        if self.generator.has_labels:
            parts.append(repr(self._substitutions))
        named = ",".join(parts)
        return f"{self.generator.name}/{hashlib.sha256(named.encode()).hexdigest()[:8]}"

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What of the site's configuration isn't followed."""
        return self.generator.notices(self.docs)

    def is_page(self, path: str) -> bool:
        """Tell whether the generator makes a page of the file at `path`."""
        if posixpath.splitext(path)[1].lower() not in self.generator.readers:
            return False
        if any(fnmatchcase(f"/{path}", pattern) for pattern in self.generator.ignored):
            return False
        return self._publishes(path)

    def included(self, path: str, content: bytes) -> bytes | None:
        """Return what a page includes from other files, to be hashed; b"" if it includes none.

        None says that it is no page of the site after all, by what it holds.
        """
        if self.generator.withholds(content):
            return None
        if not self.generator.has_includes:
            return b""
        expands = self._may_include(path, content)
        refers = self.generator.has_labels and may_refer(content)
        if not expands and not refers:
            return b""
        text = expanded = content.decode("utf-8", "replace")
        if expands:
            expanded = self._expand(path, text).text
        taken = expanded if expanded != text else ""
        if refers:
            taken += self._labels.titles(path, expanded)
        return taken.encode()

    @property
    def sought(self) -> frozenset[Path]:
        """Where files that pages include were looked for, found or not."""
        return self._included_files.sought

    def read(self, path: str, text: str) -> Document:
        """Read a document with what it includes."""
        suffix = PurePosixPath(path).suffix.lower()
        reader = self.generator.readers[suffix]
        configured = self._configured_slugger
        slugger = configured.new() if configured else self.generator.slugger()
        if self.generator.has_labels and suffix in self._nbsphinx_suffixes:
            reader, slugger = NBSPHINX.get(suffix, reader), NbsphinxSlugger()
        if not self.generator.has_includes:
            return reader(path, text, slugger)
        expanded = self._expand(path, text)
        if self.generator.has_labels:
            named_texts = self._substitutions.resolve(path, expanded.text)
            expanded.text = self._labels.resolve(path, named_texts)
        document = reader(path, expanded.text, slugger)
        if path in self._titles:
            document = named(document, self._titles[path])
        notices = (*expanded.notices, *document.notices)
        if self.generator.has_labels:
            # The project knows the directives that it has made itself.
            notices = tuple(each for each in notices if each.message not in self._declared)
        notices = gathered(notices) if len(notices) > 1 else notices
        return replace(document, notices=notices) if notices != document.notices else document

    def url(self, path: str, document: Document) -> str:
        """Return the URL of the page that a document becomes."""
        page = PurePosixPath(path).with_suffix("").as_posix()
        configured = self._configured_address
        rule = configured.rule if configured else self.generator.address
        fields = {**document.fields, TITLE: document.title}
        return page_url(rule(page, fields), self.base_url)

    def _expand(self, path: str, text: str) -> Expanded:
        includes: Includes | RstIncludes | MystIncludes | MdxIncludes = self._includes
        if _is_rst(path):
            includes = RstIncludes(self._included_files)
        elif self.generator.has_partials:
            includes = MdxIncludes(self._included_files)
        elif self.generator.has_labels:
            includes = MystIncludes(self._included_files)
        return includes.expand(path, text)

    def _may_include(self, path: str, content: bytes) -> bool:
        if _is_rst(path):
            return may_include_rst(content)
        if self.generator.has_partials:
            return may_include_mdx(content)
        if self.generator.has_labels:
            return may_include_myst(content)
        return self._includes.may_change(path, content)

    @cached_property
    def _configured_address(self) -> ConfiguredRule | None:
        return self.generator.addresses(self.docs)

    @cached_property
    def _configured_slugger(self) -> ConfiguredSlugger | None:
        return self.generator.anchors(self.docs)

    @cached_property
    def _publishes(self) -> IsPage:
        return self.generator.publishes(self.docs)

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return self.generator.titles(self.docs)

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self.docs, self.is_page)

    @cached_property
    def _substitutions(self) -> Substitutions:
        return Substitutions.of(self.docs)

    @cached_property
    def _declared(self) -> frozenset[str]:
        """What would be noticed about the directives that the project's extensions add."""
        return frozenset(map(unknown_directive, declared_directives(self.docs)))

    @cached_property
    def _nbsphinx_suffixes(self) -> frozenset[str]:
        return nbsphinx_suffixes(self.docs)

    @cached_property
    def _includes(self) -> Includes:
        return Includes(self._included_files)

    @cached_property
    def _included_files(self) -> IncludedFiles:
        return IncludedFiles(self.docs, self.project)


def _is_rst(path: str) -> bool:
    return path.lower().endswith((".rst", ".txt"))
