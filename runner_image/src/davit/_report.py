"""Where a job's progress, files and secrets go: a pod sends them out, a test collects them."""

from __future__ import annotations


class Report:
    """Listens to a job; this one, of a job that was made by hand, forgets what it hears."""

    # What files may have together that are too large for others; 0: there is no place for them.
    large_bytes = 0

    def progress(self, done: float, total: float) -> None:
        """Take how far the job is; both are finite, and in the author's own unit."""

    def file(self, name: str, content: bytes) -> None:
        """Take an output file, whose name and size are within the limits."""

    def large_file(self, name: str, content: bytes) -> str:
        """Take an output file that only ``large_bytes`` have room for; return where it stands."""
        raise NotImplementedError("There is no place for large files.")

    def secrets(self, texts: tuple[str, ...]) -> None:
        """Take texts that nobody may see from now on."""
