"""The calibration errors of confidences that come in clusters, and what noise alone would show."""

from collections.abc import Callable, Sequence

import numpy as np

from medtrust.metrics.arrays import Floats, Ints
from medtrust.metrics.aurc import aurc
from medtrust.metrics.metric import Settings

BINS = 15
"""Equal-width bins, as in Guo et al. 2017 (arXiv 1706.04599)."""

DRAWS = 2000
"""Draws of a calibrated model's right and wrong answers, however few replicates are asked for."""


def bins(confidence: Floats, options: Floats) -> Ints:
    """The bin of each confidence: of equal width over [1/k, 1], with k options.

    A model that picks its likeliest option is never less sure than 1/k, so bins over [0, 1] would
    leave half of them empty where there are two options. Bin b holds what is above its lower edge,
    up to its upper one; bin 0 also all that is lower.
    """
    floor = 1 / np.maximum(options, 1)
    place = (confidence - floor) / np.where(floor < 1, 1 - floor, 1.0)
    return np.clip(np.ceil(place * BINS - 1e-9).astype(np.intp) - 1, 0, BINS - 1)


def errors_of(
    bin_of: Ints, sure: Floats, right: Floats, cluster: Ints
) -> Callable[[Floats], Floats]:
    """What makes ECE, debiased squared error, AURC and error rate of multiplicities of clusters.

    ECE is the mean over bins of |accuracy - mean confidence|, weighted by questions (Naeini et al.
    2015, AAAI; Guo et al. 2017, equation 3). The squared gap of a bin is the mean product of two
    answers' gaps; without the products within a cluster it has no bias, and bins of one cluster
    have none. With a question a cluster, of equal confidence in a bin, that is the squared gap less
    a (1 - a) / (n - 1), with n answers and accuracy a (Brocker 2012, Climate Dynamics 39; Kumar et
    al. 2019, arXiv 1909.10155, definition 4.2).
    """
    clusters = int(cluster.max()) + 1

    def sums(amounts: Floats) -> Floats:
        flat = np.bincount(cluster * BINS + bin_of, weights=amounts, minlength=clusters * BINS)
        return flat.reshape(clusters, BINS).astype(np.float64)

    gaps, counts = sums(right - sure), sums(np.ones(len(sure)))
    errors = np.bincount(cluster, weights=1 - right)
    order = np.argsort(-sure, kind="stable")  # once, and not in every call of `aurc`
    ranked = sure[order], 1 - right[order], cluster[order]

    def measure(times: Floats) -> Floats:
        gap, n = times @ gaps, times @ counts
        total = n.sum(axis=1)
        ece = np.abs(gap).sum(axis=1) / total
        products = n**2 - times**2 @ counts**2
        weight = np.where(products > 0, n, 0.0)
        squared = (gap**2 - times**2 @ gaps**2) / np.maximum(products, 1)
        debiased = (weight * squared).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
        area = aurc(*ranked, times)
        return np.column_stack([ece, debiased, area, times @ errors / total])

    return measure


def calibrated(
    said: Sequence[Sequence[tuple[float, float]]], bin_of: Ints, cluster: Ints, settings: Settings
) -> Floats:
    """The ECE of a model that is right as often as it says, over draws of what is right.

    One answer of a question is right at most, so one number draws all of them. Questions of one
    cluster go together, which widens a bin's gap by the root of its design effect.

    Args:
        said: The answers to each question: the share of its repeats, and the mean confidence.
        bin_of: The bin of each question; shape (questions,).
        cluster: Code of each question's cluster; shape (questions,).
        settings: The seed, and how much a cluster's questions go together.

    Returns:
        Shape (DRAWS,).
    """
    generator = np.random.default_rng(settings.seed)
    gaps = np.zeros((BINS, DRAWS))
    for place, answers in zip(bin_of.tolist(), said, strict=True):
        dice = generator.random(DRAWS)
        for share, sure in answers:
            gaps[place] += share * ((dice < sure) - sure)
            if share < 1:
                dice = (dice - sure) % 1
    held = np.bincount(cluster * BINS + bin_of, minlength=(int(cluster.max()) + 1) * BINS)
    held = held.reshape(-1, BINS)
    mean_size = (held**2).sum(axis=0) / np.maximum(held.sum(axis=0), 1)
    effect = 1 + np.maximum(mean_size - 1, 0) * settings.correlation
    found: Floats = (np.abs(gaps) * np.sqrt(effect)[:, np.newaxis]).sum(axis=0) / len(said)
    return found
