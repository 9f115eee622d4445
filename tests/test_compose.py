"""The container files: checked as data, by docker-compose, and by running the image's steps."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DATABASES = ("qdrant", "postgres")
SECRETS = ("POSTGRES_PASSWORD", "QDRANT_API_KEY")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", "")


def run_compose(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = shutil.which("docker-compose")
    if command is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have docker-compose; .ci/run installs it.")
        pytest.skip("docker-compose is not installed")
    shutil.copy(ROOT / "docker-compose.yml", folder)
    (folder / ".env").write_text("".join(f"{key}={value}\n" for key, value in environment.items()))
    return subprocess.run(
        [command, "config"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )


def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    result = run_compose(tmp_path, dict.fromkeys(SECRETS, "s3cret"))
    assert result.returncode == 0, result.stderr
    app = yaml.safe_load(result.stdout)["services"]["app"]
    assert app["environment"]["DATABASE_URL"] == (
        "postgresql://footnote:s3cret@postgres:5432/footnote"
    )
    assert app["ports"] == ["127.0.0.1:8000:8000/tcp"]


@pytest.mark.parametrize("missing", SECRETS)
def test_docker_compose_asks_for_a_secret_that_is_not_set(tmp_path: Path, missing: str) -> None:
    result = run_compose(tmp_path, {name: "s3cret" for name in SECRETS if name != missing})
    assert result.returncode != 0
    assert missing in result.stderr
    assert "set it in .env" in result.stderr


def test_only_the_app_is_published(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["app"]
    for name in DATABASES:
        assert compose["services"][name]["networks"] == ["data"]
    assert compose["networks"]["data"]["internal"] is True


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_is_pinned_kept_and_waited_for(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert re.search(r":v?\d+\.\d+(\.\d+)?$", service["image"])
    assert service["healthcheck"]["test"]
    volume = service["volumes"][0].split(":")[0]
    assert volume in compose["volumes"]
    assert compose["services"]["app"]["depends_on"][name] == {"condition": "service_healthy"}


def test_no_secret_is_written_in_the_file(compose: dict[str, Any]) -> None:
    settings = {
        key: value
        for service in compose["services"].values()
        for key, value in service.get("environment", {}).items()
    }
    secret = {key: value for key, value in settings.items() if re.search("PASSWORD|KEY|_URL", key)}
    assert {"DATABASE_URL", "POSTGRES_PASSWORD", "QDRANT_API_KEY"} <= set(secret)
    for key, value in secret.items():
        assert key == "QDRANT_URL" or re.search(r"\$\{[A-Z_]+:\?", value), key


def test_every_variable_of_the_file_is_in_the_example(compose: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", yaml.safe_dump(compose)))
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert used - listed == set()


def test_the_image_drops_root_and_installs_only_what_is_locked(dockerfile: str) -> None:
    steps = dockerfile.split("\nCMD ", maxsplit=1)[0]
    assert re.search(r"^USER (?!root)\w+", steps, re.MULTILINE)
    installs = re.findall(r"^RUN (pip install .*)$", steps, re.MULTILINE)
    assert len(installs) == 1
    assert {"--require-hashes", "--only-binary"} <= set(installs[0].split())
    assert installs[0].endswith("-r requirements.lock")


@pytest.mark.slow
def test_what_the_image_copies_is_enough_to_run(dockerfile: str, tmp_path: Path) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", dockerfile, re.MULTILINE):
        assert f"!{source}" in ignored
        if source.endswith("/"):
            shutil.copytree(ROOT / source, tmp_path / target)
        else:
            shutil.copy(ROOT / source, tmp_path / target)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Title\n\nA page.\n")
    everything = (
        "import evals.__main__, server.__main__, server.app as a; a.create_app(a.ServerSettings())"
    )
    for command in (["-m", "ingest", "docs"], ["-c", everything]):
        result = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        assert result.returncode == 0, result.stderr
