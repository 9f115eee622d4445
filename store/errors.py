"""Errors that carry data; each message is made from its fields.

`OperatorError` is a mistake or state that the person running the commands can mend: it is shown
as one line. The others are failures at run time, which callers turn into what their reader needs.
"""


class OperatorError(Exception):
    """Something that the operator can mend; `str(error)` is one line that says how."""


class SettingsError(OperatorError):
    """A setting that can't be used."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


class IndexMissingError(OperatorError):
    """No index has been published where one is looked for."""

    def __init__(self, location: str) -> None:
        super().__init__(f"There is no index at {location}. Run: make ingest DOCS=path/to/docs")
        self.location = location


class IndexMismatchError(OperatorError):
    """The index was made with something else than what is configured now."""

    def __init__(self, *, what: str, expected: str, found: str) -> None:
        super().__init__(
            f"The index was made with {what} {found}, but {expected} is configured. "
            "Run: make ingest DOCS=path/to/docs REBUILD=1 (or set it back)."
        )
        self.what = what
        self.expected = expected
        self.found = found


class IndexCorruptError(OperatorError):
    """What is kept of the index can't be read."""

    def __init__(self, location: str, problem: str) -> None:
        super().__init__(
            f"The index at {location} is damaged: {problem}. "
            "Run: make ingest DOCS=path/to/docs REBUILD=1"
        )
        self.location = location
        self.problem = problem


class IndexBusyError(OperatorError):
    """Another ingest is building the next generation of the same index."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"Another ingest is writing the index at {location}. Run again when it is done."
        )
        self.location = location


class IndexStorageError(OperatorError):
    """The file system refuses to keep the index."""

    def __init__(self, location: str, problem: str) -> None:
        super().__init__(f"Can't write the index at {location}: {problem}")
        self.location = location
        self.problem = problem


class BundledModelError(OperatorError):
    """A file of the bundled embedding model is missing or isn't the one that is expected."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"The bundled embedding model can't be used: {name} {problem}. Run: make setup"
        )
        self.name = name
        self.problem = problem


class DatabaseError(OperatorError):
    """The database can't be opened or migrated."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"Can't open the database {url}: {problem}")
        self.url = url


class IndexUnavailableError(Exception):
    """The vector engine failed while it was being used."""

    def __init__(self, engine: str, problem: str) -> None:
        super().__init__(f"{engine}: {problem}")
        self.engine = engine


class EmbedderUnavailableError(Exception):
    """The embedding engine failed while it was being used."""

    def __init__(self, engine: str, problem: str) -> None:
        super().__init__(f"{engine}: {problem}")
        self.engine = engine
