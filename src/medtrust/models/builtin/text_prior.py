"""`builtin/text-prior`: the likeliest answer by the wording alone; images are not looked at.

What it scores is what a dataset gives away in its text. On confusing pairs it says
the same of both images, so its set accuracy is 0 and its confusion 100 %.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.beliefs import replies, without_ties
from medtrust.models.builtin.offline import OfflineModel
from medtrust.models.builtin.training import Example, examples, fingerprint
from medtrust.models.builtin.wording import plain, words
from medtrust.models.model import ModelOptions
from medtrust.records import Request


def connect(name: str, options: ModelOptions) -> OfflineModel:
    """Fitted on `options.train`; raises InputError where that is empty."""
    prior = fit(examples(options.train, f"builtin/{name}"))
    return OfflineModel(
        name=f"builtin/{name}",
        reply=replies(prior),
        identity={
            "name": f"builtin/{name}",
            "version": "1",
            "train": fingerprint(options.train),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPrior:
    """Counts of training answers; questions and answers are in plain wording."""

    by_question: Mapping[str, Counter[str]]
    overall: Counter[str]
    texts: Mapping[str, str]
    """Plain answer -> the answer as it is written."""
    right: Counter[str]
    """In how many right answers a word occurs."""
    wrong: Counter[str]

    def weigh(
        self, request: Request, _images: Sequence[EncodedImage], options: Sequence[str]
    ) -> Sequence[float]:
        """How often each option was the answer to this question, with one added (Laplace).

        Where none ever was, the log-odds of its words: right against wrong options.
        """
        answers = [plain(option) for option in options]
        counts = self.by_question.get(plain(request.question), Counter())
        if any(counts[answer] for answer in answers):
            weights = [math.log(counts[answer] + 1) for answer in answers]
        else:
            weights = [self._log_odds(answer) for answer in answers]
        return without_ties(weights, answers)

    def write(self, request: Request, _images: Sequence[EncodedImage]) -> str:
        """The commonest answer to this question, or of all where it is a new one."""
        counts = self.by_question.get(plain(request.question), self.overall)
        return self.texts[max(sorted(counts), key=counts.__getitem__)]

    def _log_odds(self, answer: str) -> float:
        """Naive Bayes over an answer's distinct words, smoothed by one."""
        vocabulary = len(self.right.keys() | self.wrong.keys()) + 1
        right, wrong = self.right.total() + vocabulary, self.wrong.total() + vocabulary
        return sum(
            math.log((self.right[word] + 1) / right) - math.log((self.wrong[word] + 1) / wrong)
            for word in sorted(set(words(answer)))
        )


def fit(train: Iterable[Example]) -> TextPrior:
    """Count the answers."""
    by_question: dict[str, Counter[str]] = {}
    overall: Counter[str] = Counter()
    texts: dict[str, str] = {}
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for example in train:
        by_question.setdefault(example.question, Counter())[example.answer] += 1
        overall[example.answer] += 1
        texts.setdefault(example.answer, example.text)
        right.update(set(words(example.answer)))
        for other in example.wrong:
            wrong.update(set(words(other)))
    return TextPrior(
        by_question=by_question, overall=overall, texts=texts, right=right, wrong=wrong
    )
