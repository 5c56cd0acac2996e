"""Images disturbed as scanners, files and people disturb them, in five severities.

Everything is computed with NumPy and Pillow alone and seeded by the image itself;
source files are only read. `docs/perturbations.md` shows and explains each one.
"""

from medtrust.images.perturb.catalogue import OFFICIAL, SEVERITIES, names, parse, perturb
from medtrust.images.perturb.modality import suited
from medtrust.images.perturb.noise import gaussian_noise
from medtrust.images.perturb.official import official_noise
from medtrust.images.perturb.picture import disturb, seeded

__all__ = [
    "OFFICIAL",
    "SEVERITIES",
    "disturb",
    "gaussian_noise",
    "names",
    "official_noise",
    "parse",
    "perturb",
    "seeded",
    "suited",
]
