"""`inspect/`: asked through Inspect's own model layer, offline."""

import asyncio
from typing import Any

import pytest

from asking import picture, request, user

inspect_model = pytest.importorskip("inspect_ai.model", reason="needs medtrust[inspect]")

from medtrust.errors import FatalError, InputError, TransientError, UnsupportedError  # noqa: E402
from medtrust.models.inspect import InspectModel, connect  # noqa: E402
from medtrust.models.model import ModelOptions  # noqa: E402

# Inspect's own calls warn of what its dependencies have deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def output(text: str, **more: Any) -> Any:
    """A reply with its usage: without one Inspect's mock counts tokens over the network."""
    made = inspect_model.ModelOutput.from_content("mockllm/model", text)
    made.usage = inspect_model.ModelUsage(input_tokens=7, output_tokens=2, total_tokens=9)
    for name, value in more.items():
        setattr(made.choices[0], name, value)
    return made


def scripted(reply: Any) -> InspectModel:
    """A model whose reply is a function of what Inspect was given."""
    return InspectModel(
        "mockllm/model",
        inspect_model.get_model("mockllm/model", custom_outputs=reply, memoize=False),
    )


def test_texts_and_images_arrive_in_their_order() -> None:
    seen: list[Any] = []

    def reply(messages: Any, _tools: Any, _choice: Any, config: Any) -> Any:
        seen.append((messages, config))
        return output("B")

    model = scripted(reply)
    asked = request(user(1, "Which?"), options=("left", "right"), max_tokens=5, seed=3)
    response = asyncio.run(model.answer(asked, [picture(1)]))
    ((messages, config),) = seen
    image, text = messages[0].content
    assert image.image.startswith("data:image/png;base64,")
    assert text.text == "Which?"
    assert (config.max_tokens, config.temperature, config.seed) == (5, 0.0, 3)
    assert (response.text, response.prompt_tokens, response.completion_tokens) == ("B", 7, 2)
    assert model.local


def first_token(**tokens: float) -> Any:
    """Log-probabilities of one position; the first is the token chosen."""
    top = [inspect_model.TopLogprob(token=t, logprob=value) for t, value in tokens.items()]
    first = inspect_model.Logprob(token=top[0].token, logprob=top[0].logprob, top_logprobs=top)
    return inspect_model.Logprobs(content=[first])


def test_each_repeat_has_its_own_seed() -> None:
    model = scripted(lambda _, __, ___, config: output(str(config.seed)))
    asked = [request(user("Which?"), seed=3, repeat=repeat) for repeat in range(2)]
    assert [asyncio.run(model.answer(each, [])).text for each in asked] == ["3", "4"]


def test_letters_come_from_the_first_token() -> None:
    model = scripted(lambda *_: output("A", logprobs=first_token(A=-0.5, B=-1.5, The=-3.0)))
    asked = request(user("Which?"), mode="choices", options=("l", "r"), logprobs=True)
    response = asyncio.run(model.answer(asked, []))
    assert response.logprobs == {"A": -0.5, "B": -1.5}


@pytest.mark.parametrize(
    ("reported", "kept"),
    [
        ({"The": -0.1, "It": -2.5}, {"The": -0.1, "It": -2.5}),
        ({"A": 1000.0, "B": float("nan")}, {"A": 0.0}),
    ],
)
def test_what_else_a_provider_reports(reported: dict[str, float], kept: dict[str, float]) -> None:
    model = scripted(lambda *_: output("A", logprobs=first_token(**reported)))
    asked = request(user("Which?"), mode="choices", options=("l", "r"), logprobs=True)
    assert asyncio.run(model.answer(asked, [])).logprobs == kept


def test_a_reply_taken_away_says_nothing_of_the_provider() -> None:
    model = scripted(lambda *_: output("", stop_reason="content_filter"))
    asked = request(user("Which?"), mode="choices", options=("l", "r"), logprobs=True)
    response = asyncio.run(model.answer(asked, []))
    assert (response.text, response.finish, response.logprobs) == ("", "content_filter", {})


def test_a_key_in_a_reply_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret\n")
    model = scripted(lambda *_: output("It is sk-secret."))
    assert asyncio.run(model.answer(request(user("Which?")), [])).text == "It is [key]."


def test_an_address_with_a_secret_is_refused() -> None:
    with pytest.raises(InputError, match="--base-url") as caught:
        connect("mockllm/model", ModelOptions(base_url="http://:hidden@host.invalid/v1"))
    assert "hidden" not in str(caught.value)


def test_without_log_probabilities_there_is_no_guess() -> None:
    model = scripted(lambda *_: output("A"))
    asked = request(user("Which?"), mode="choices", options=("l", "r"), logprobs=True)
    with pytest.raises(UnsupportedError, match="no log-probabilities"):
        asyncio.run(model.answer(asked, []))


class ProviderError(Exception):
    """As providers raise them: with a status."""

    def __init__(self, message: str, status_code: int) -> None:
        super().__init__(message)
        self.status_code = status_code


@pytest.mark.parametrize(("status", "expected"), [(401, FatalError), (429, TransientError)])
def test_failures_become_ours_without_the_key(
    monkeypatch: pytest.MonkeyPatch, status: int, expected: type[Exception]
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")

    def reply(*_: Any) -> Any:
        raise ProviderError("no: sk-secret", status)

    with pytest.raises(expected, match=r"ProviderError: no: \[key\]"):
        asyncio.run(scripted(reply).answer(request(user("Which?")), []))


def test_an_unknown_provider_is_one_line() -> None:
    with pytest.raises(InputError, match="inspect/nobody/model") as caught:
        connect("nobody/model", ModelOptions())
    assert "\n" not in str(caught.value)
