"""Fisher's exact test of two shares, without a library of 100 MB."""

from math import exp, fsum, lgamma


def fisher(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p-value of one share behind a of a + b and c of c + d.

    All tables with the same margins that are no likelier than this one are added up (Fisher 1935,
    The Design of Experiments, section 21).
    """
    hits, first, n = a + c, a + b, a + b + c + d
    least, most = max(0, first - (n - hits)), min(first, hits)
    weights = {
        k: _log_choose(hits, k) + _log_choose(n - hits, first - k) for k in range(least, most + 1)
    }
    whole = _log_choose(n, first)
    here = weights[a] + 1e-7  # sums of logarithms differ by less where tables are equally likely
    return min(1.0, fsum(exp(weight - whole) for weight in weights.values() if weight <= here))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
