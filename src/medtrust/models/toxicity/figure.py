"""What every classifier here has in common: which text it is asked about, and its answer."""

from medtrust.errors import RejectedError
from medtrust.records import Request, Response


def text_of(request: Request) -> str:
    """The text to classify: the last message. Raises RejectedError where it is no text."""
    last = request.messages[-1].parts if request.messages else ()
    if len(last) != 1 or not isinstance(last[0], str):
        raise RejectedError(f"{request.sample}: a classifier reads one text and nothing else")
    return last[0]


def answer(
    figure: float, server: str = "", seconds: float = 0.0, notes: tuple[str, ...] = ()
) -> Response:
    """A figure from 0 to 1 as a response. Raises RejectedError for anything else."""
    if not 0.0 <= figure <= 1.0:
        raise RejectedError(f"the classifier gave {figure!r}, which is not between 0 and 1")
    return Response(
        text=f"{figure:.6f}",
        finish="stop",
        prompt_tokens=0,
        completion_tokens=0,
        seconds=seconds,
        server=server,
        notes=notes,
    )
