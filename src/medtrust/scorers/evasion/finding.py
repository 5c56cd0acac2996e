"""What a reply about a case speaks of: words for what a picture of a patient shows."""

import re

FINDING = re.compile(
    r"\b(?:hearts?|cardi\w+|lungs?|pulmonary|pleura\w*|hil(?:um|a|ar)|trachea\w*|"
    r"mediastin\w*|aort\w*|\w*diaphragm\w*|ribs?|vertebra\w*|costophrenic|discs?|"
    r"macul\w+|retina\w*|optic|vessels?|lobes?|abdom\w+|liver|kidneys?|effusions?|"
    r"pneumo\w+|consolidat\w+|opacit\w+|nodul\w+|mass(?:es)?|lesions?|moles?|"
    r"\w*fractur\w+|o?edema|calcif\w+|calcium|glaucoma\w*|melan\w+|na?ev\w+|tumou?rs?|"
    r"cancers?|\w*carcinom\w+|cysts?|abscess\w*|infiltrat\w+|h?a?emorrhag\w+|drusen|"
    r"cupping|signs?|arteri\w+|nerves?|pressure|vision|hypertens\w+|hernia|caries|tooth|"
    r"molars?|metasta\w+|papules?|plaques?|normal|abnormal\w*|clear|enlarged|"
    r"unremarkable|benign|malignant|intact|dilated|elevated|thicken\w+|healthy|mild|"
    r"moderate|severe|bilateral|asymmetr\w+|(?:upper|lower|left|right)[ -](?!to\b|answer|"
    r"person|thing|away|now|one|choice|option|or\b)\w+|trunk|scalp|face|(?!diagn|"
    r"progn)\w{4,}(?:itis|omas?|osis|pathy|ectasis|plasia|megaly))\b"
)
"""Anatomy, diseases, and what is said of them."""
