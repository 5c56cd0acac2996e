"""Noise, drawn for every pixel and channel on its own."""

import math

import numpy as np

from medtrust.images.perturb.levels import Pixels, Values, by_fractions


def gaussian(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    """Add noise of a standard deviation, a fraction of full scale; round, then clip."""
    return by_fractions(
        pixels, lambda values: values + deviation * rng.standard_normal(values.shape)
    )


def gaussian_noise(pixels: Pixels, variance: float, rng: np.random.Generator) -> Pixels:
    """Add noise of a variance in 8-bit grey levels squared, as CARES words its setting.

    Six is what its script was given (cares.md 1.6). On mid-grey the mean stays and
    the peak signal-to-noise ratio is 40.3 dB.
    """
    return gaussian(pixels, math.sqrt(variance) / 255, rng)


def speckle(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    """Multiply by noise of mean 1: what is bright gets noisier, what is black stays."""
    return by_fractions(
        pixels, lambda values: values * (1 + deviation * rng.standard_normal(values.shape))
    )


def shot(pixels: Pixels, photons: float, rng: np.random.Generator) -> Pixels:
    """Count photons, so many where the image is white; fewer are noisier."""
    return by_fractions(pixels, lambda values: rng.poisson(values * photons) / photons)


def impulse(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """Turn a share of the values black or white, as many to either side."""

    def struck(values: Values) -> Values:
        drawn = rng.random(values.shape)
        return np.where(drawn < share / 2, 0.0, np.where(drawn >= 1 - share / 2, 1.0, values))

    return by_fractions(pixels, struck)
