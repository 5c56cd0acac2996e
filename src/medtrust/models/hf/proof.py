"""Whether answers that were computed together are those that each request gets by itself.

Models differ in more than their configs say: some read a prompt in both directions, some
count positions in a way of their own. So the first answers of each kind are computed
twice, and where they differ by more than rounding nothing is computed together any more.
"""

from collections.abc import Sequence

import torch

from medtrust.models.hf.batch import Written
from medtrust.models.hf.continuations import continued
from medtrust.models.hf.job import Prepared
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.logits import next_log_probs
from medtrust.models.hf.options import score
from medtrust.models.hf.prompt import on_device
from medtrust.models.hf.support import Unshareable
from medtrust.records import Response

ROUNDING = {torch.float32: 1e-3, torch.float16: 0.03, torch.bfloat16: 0.1}
"""Mean difference of log-probabilities that rounding explains. In float32 it is a thousand
times what is seen; in 16 bits, where logits come in large steps, only a gross fault shows."""


def prove_scored(checkpoint: Checkpoint, prepared: Prepared, response: Response) -> None:
    """Compare a response to options with the plain one; raises Unshareable."""
    plain = score(
        checkpoint, prepared.request, prepared.stem, on_device(checkpoint, prepared.inputs)
    )
    _compare(checkpoint, _numbers(response), _numbers(plain))


def prove_written(checkpoint: Checkpoint, prepared: Prepared, written: Written) -> None:
    """Compare a reply's log-probabilities with those of one plain pass; raises Unshareable."""
    tokens = written.tokens
    inputs = continued(on_device(checkpoint, prepared.inputs), 0, tokens[:-1])
    plain = next_log_probs(checkpoint, inputs, len(tokens))
    together = torch.log_softmax(torch.stack(written.logits).float(), dim=-1)
    chosen = torch.tensor(tokens, device=plain.device).unsqueeze(1)
    _compare(
        checkpoint,
        together.gather(1, chosen.to(together.device)).squeeze(1).tolist(),
        plain.gather(1, chosen).squeeze(1).tolist(),
    )


def _numbers(response: Response) -> list[float]:
    return [
        *response.logprobs.values(),
        *(value for option in response.option_logprobs for value in option),
    ]


def _compare(checkpoint: Checkpoint, together: Sequence[float], plain: Sequence[float]) -> None:
    differences = [abs(one - other) for one, other in zip(together, plain, strict=True)]
    mean = sum(differences) / len(differences)
    # Written so that NaN does not pass.
    if not mean <= ROUNDING.get(checkpoint.model.dtype, ROUNDING[torch.float32]):
        raise Unshareable(f"log-probabilities differ by {mean:.3g} from those of one by one")
