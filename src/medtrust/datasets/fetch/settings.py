"""How politely and how long to fetch, and from where."""

from dataclasses import dataclass

from medtrust.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Settings of a fetch. Empty addresses mean the source's own (`sources/*.json`)."""

    questions_url: str = ""
    """Folder that holds upstream's files under their paths in the repository."""
    images_url: str = ""
    """Root of a bucket laid out like PubMed Central's open-access bucket."""
    parallel: int = 8
    """Articles asked for at the same time."""
    attempts: int = 5
    """How often one request is tried before its file is given up."""
    backoff_s: float = 0.5
    """Pause after the first failed attempt; it doubles with each further one."""
    attempt_s: float = 120.0
    """Longest that one attempt may last; the next one goes on where it stopped."""
    max_image_bytes: int = 64 * 2**20
    """A larger image is refused. The largest of MediConfusion is far below 1 MiB."""

    def __post_init__(self) -> None:
        """Raise InputError for a setting that cannot work."""
        for url in (self.questions_url, self.images_url):
            if url and not url.startswith(("https://", "http://")):
                raise InputError(f"{url!r} is no address to fetch from: start it with https://")
        if self.parallel < 1 or self.attempts < 1:
            raise InputError("fetch needs at least 1 request in parallel and 1 attempt")
