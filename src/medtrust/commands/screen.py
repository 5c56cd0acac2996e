"""What tables and progress are drawn on."""

from rich.console import Console


class Screen(Console):
    """A console whose reader may leave, which `cli.main` takes care of for all output alike."""

    def on_broken_pipe(self) -> None:
        """Leave it to `cli.main`; rich would end the process with code 1."""
        self.quiet = True
        raise BrokenPipeError
