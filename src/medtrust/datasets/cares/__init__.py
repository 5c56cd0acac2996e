"""CARES (arXiv 2406.06007): seven question sets on medical images, one file a set.

Reads upstream's own layout, `data/<set>/<questions>.jsonl` with the images beside it, from a
folder the user names. Facts: protocols/cares.md, section 3.
"""

from medtrust.datasets.cares.fairvlmed import FAIRVLMED
from medtrust.datasets.cares.ham10000 import HAM10000
from medtrust.datasets.cares.iu_xray import IU_XRAY
from medtrust.datasets.cares.mimic_cxr import MIMIC_CXR
from medtrust.datasets.cares.ol3i import OL3I
from medtrust.datasets.cares.omnimedvqa import OMNIMEDVQA
from medtrust.datasets.cares.pmc_oa import PMC_OA

__all__ = ["FAIRVLMED", "HAM10000", "IU_XRAY", "MIMIC_CXR", "OL3I", "OMNIMEDVQA", "PMC_OA"]
