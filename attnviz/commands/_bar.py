"""What a person sees while shots are drawn."""

from __future__ import annotations


class Bar:
    """A progress bar over shots on the terminal; silent elsewhere."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        # It must not start a thread of its own: this process forks.
        console = Console(stderr=True)
        self._progress = Progress(console=console, auto_refresh=False, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("starting", total=None)

    def begin(self, shots: int) -> None:
        """Take note of how many shots there are."""
        self._progress.update(self._task, total=shots)

    def advance(self, shot: str) -> None:
        """Count one more shot."""
        self._progress.update(self._task, advance=1, description=shot)
        self._progress.refresh()

    def __enter__(self) -> Bar:
        self._progress.start()
        self._progress.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
