"""What a model is shown of its own reply in the next turn."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chat_server import completion, serving
from medtrust.cli import main

SAID = {
    "as it was": ("B: the left one \n", "B: the left one \n"),
    "without its thinking": ("<think>A? No.</think>\n\nB", "B"),
    "without thinking of another dress": ("[THINK]hm[/THINK]B", "B"),
    "with a comparison that is no thinking": ("p<0.05, so B", "p<0.05, so B"),
    "nothing": ("", None),
    "blanks": (" \n", None),
    "thinking alone": ("<think>A or B", None),
}


@pytest.mark.parametrize(("reply", "shown"), SAID.values(), ids=SAID)
def test_a_model_is_shown_what_it_said_and_not_what_it_thought(
    tmp_path: Path, reply: str, shown: str | None
) -> None:
    again: list[list[dict[str, Any]]] = []

    async def handle(_: web.Request, body: dict[str, Any]) -> web.Response:
        talk = [one for one in body["messages"] if one["role"] != "system"]
        if len(talk) == 1:
            return web.json_response(completion(reply))
        again.append(talk)
        return web.json_response(completion("Yes, I am sure."))

    with serving(handle) as url:
        code = main(
            ["run", "--model", "openai/m", "--base-url", url, "--task", "cares/uncertainty",
             "--dataset", "phantom", "--limit", "2", "--replicates", "50",
             "--out", str(tmp_path / "run")]
        )  # fmt: skip
    assert [talk[1]["content"] for talk in again] == ([] if shown is None else [shown] * 2)
    assert code == (1 if shown is None else 0)
