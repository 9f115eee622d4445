"""Fixtures of the ingest tests."""

from pathlib import Path

import pytest

from store.settings import StoreSettings
from tests.ingest.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Return a workplace with two pages that are not indexed yet."""
    workplace = Workplace(tmp_path / "docs", StoreSettings(index_dir=tmp_path / "index"))
    workplace.write("index.md", "# Home\n\nWelcome to the lighthouse.\n")
    workplace.write(
        "guide/lamp.md",
        "# The lamp\n\nThe lamp burns oil.\n\n## Lighting it\n\nStrike a match.\n\n"
        "## Cleaning it\n\nUse a soft cloth.\n",
    )
    return workplace
