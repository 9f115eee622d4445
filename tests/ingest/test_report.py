"""What a run reports, as a table and as JSON."""

from ingest.report import as_json, in_words
from tests.ingest.workplace import Workplace

_PAGES = {
    "conf.py": "",
    "index.rst": "Home\n====\n\n.. toctree::\n\n   guide\n",
    "include.rst": "Include\n=======\n\nText.\n\n.. include:: gone.rst\n",
    "directive.rst": "Directive\n=========\n\n.. asked:: x\n\n   Kept.\n",
    "myst.md": "# MyST\n\nText.\n\n```{asked}\nKept.\n```\n",
    "twice.rst": "Twice\n=====\n\n.. _x:\n\nA\n-\n\nText.\n\n.. _x:\n\nB\n-\n\nText.\n",
    "empty.rst": "",
}


async def test_each_warning_has_its_file_and_line(workplace: Workplace) -> None:
    (workplace.docs / "index.md").unlink()
    for path, text in _PAGES.items():
        workplace.write(path, text)
    summary = await workplace.ingest()
    report = as_json(summary)
    assert report["notices"] == [
        "directive.rst:4: the directive asked is not known; its text is kept",
        "empty.rst:1: an empty page: there is no text to search for",
        "include.rst:6: gone.rst is not there; not included",
        "myst.md:5: the directive asked is not known; its text is kept",
        "twice.rst:11: the label x is given twice",
    ]
    assert report["formats"] == {".rst": 5, ".md": 2}
    assert report["pages"] == {"added": 7, "changed": 0, "moved": 0, "removed": 0, "unchanged": 0}
    stages = report["stages"]
    assert isinstance(stages, dict)
    assert {"scan", "parse", "chunk", "embed", "write"} <= stages.keys()
    table = in_words(summary).split("\n")
    assert table[0].startswith("Indexed pages: 7 added in ")
    assert [line.split()[0] for line in table[1:5]] == [
        "passages",
        "embedded",
        "formats",
        "seconds",
    ]
