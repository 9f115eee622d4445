"""The project as it is handed out: its import names, its locks, and what its files may not say."""

import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("ingest", "server", "store", "evals")
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
# Written in two halves, so that this file does not name them either.
INDEX_HOSTS = tuple(
    "".join(halves)
    for halves in (("pypi.", "org"), ("files.python", "hosted.org"), ("registry.npm", "js.org"))
)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned_names(lock: str) -> set[str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name) for name, _ in PINNED.findall(text)}


def names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


@pytest.mark.parametrize("name", [*PACKAGES, "corpus"])
def test_no_other_distribution_claims_a_top_level_name(name: str) -> None:
    # The names are generic ones: an installed package of the same name would be imported, or not,
    # by the order of sys.path alone.
    assert packages_distributions().get(name, []) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "__init__.py").is_file()
    assert (ROOT / package / "py.typed").is_file()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_distribution_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    assert len(entries) == len(PINNED.findall(text))
    without = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert without == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_does_not_say_where_to_download(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"--(?:extra-)?index-url|--find-links|--trusted-host|\w+://", text) == []


def test_the_locks_cover_what_the_project_declares(pyproject: dict[str, Any]) -> None:
    runtime = names(pyproject["project"]["dependencies"])
    development = names(pyproject["dependency-groups"]["dev"])
    assert runtime - pinned_names("requirements.lock") == set()
    bench = names(pyproject["dependency-groups"]["bench"])
    assert (runtime | development) - pinned_names("requirements-dev.lock") == set()
    assert (runtime | bench) - pinned_names("requirements-bench.lock") == set()


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_all_locks_pin_the_same_versions(lock: str) -> None:
    runtime, other = (
        dict(PINNED.findall((ROOT / each).read_text(encoding="utf-8"))) for each in (LOCKS[0], lock)
    )
    assert {name: other.get(name) for name in runtime} == runtime


def test_no_file_names_a_package_index() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    assert ROOT / "pyproject.toml" in files
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if any(host.encode() in path.read_bytes() for host in INDEX_HOSTS)
    ]
    assert naming == []


def test_the_project_cannot_be_uploaded_by_mistake(pyproject: dict[str, Any]) -> None:
    assert "Private :: Do Not Upload" in pyproject["project"]["classifiers"]


def test_every_file_that_chooses_a_python_agrees(pyproject: dict[str, Any]) -> None:
    supported = SpecifierSet(pyproject["project"]["requires-python"])
    image = re.search(r"^FROM python:([\d.]+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    makefile = re.search(
        r"not \((\d+), (\d+)\) <= sys\.version_info < \((\d+), (\d+)\)",
        (ROOT / "Makefile").read_text(),
    )
    assert image
    assert makefile
    assert image[1] in supported
    assert supported == SpecifierSet(f">={makefile[1]}.{makefile[2]},<{makefile[3]}.{makefile[4]}")


def test_every_file_that_names_the_version_agrees(pyproject: dict[str, Any]) -> None:
    version = pyproject["project"]["version"]
    changelog = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert changelog
    assert changelog[1] == version
    assert f"image: footnote:{version}\n" in (ROOT / "docker-compose.yml").read_text()
