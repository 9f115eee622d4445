"""A command line whose first command needs no name."""

from typing import Any, Final

from typer.core import TyperGroup

DEFAULT: Final = "evaluate"


class QuestionsFirst(TyperGroup):
    """`python -m evals QUESTIONS …` is `python -m evals evaluate QUESTIONS …`.

    A question set that is called like a command is named by its path, such as `./new`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command in front of what names none."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
