"""The family `judged`: does the judge agree with itself?

Each answer is judged in both orders of the options, perhaps several times; its agreement is the
share of those judgements that prefer the same option as their mean does.
"""

from medtrust.metrics.metric import Family, Metric

AGREEMENT = "agreement"
"""Where a score carries it: `details["agreement"]`."""

JUDGED = Family(
    metrics=(
        Metric(
            name="judge_agreement",
            dimension="answers",
            title="Judge's agreement",
            sentence="How far the judge agrees with itself over both orders of the options and "
            "repeats; one that always prefers what it reads first comes to 50 %.",
            direction="higher",
            rows_where=lambda score: AGREEMENT in score.details,
            figure=lambda score: score.details.get(AGREEMENT),
        ),
    )
)
