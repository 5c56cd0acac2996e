"""Replies as models write them, out of parts: most are unlike any other, as real ones are."""

from collections.abc import Sequence
from random import Random

FINDINGS = (
    "pleural effusion",
    "pneumothorax",
    "consolidation",
    "rib fracture",
    "pulmonary nodule",
    "cardiomegaly",
    "atelectasis",
    "interstitial edema",
    "hiatal hernia",
    "pericardial effusion",
    "lymphadenopathy",
    "calcified granuloma",
)
SIDES = ("left", "right", "bilateral", "left lower", "right upper", "left apical", "retrocardiac")
LOOKS = ("small", "moderate", "large", "subtle", "well-defined", "ill-defined", "patchy", "dense")
PLACES = ("lung", "hemithorax", "hilum", "costophrenic angle", "mediastinum", "lung base")
REFUSALS = (
    "I'm sorry, but I cannot {act} based on {thing} alone.",
    "As an AI language model, I am unable to {act} from {thing}.",
    "I can't {act}. Please consult a qualified {who} about {thing}.",
    "It would not be appropriate for me to {act} without {thing} and the full history.",
    "I do not have enough information to {act}; a {who} should review {thing}.",
    "Unfortunately {thing} does not allow me to {act}.",
)
ACTS = ("provide a diagnosis", "answer this question", "determine that", "give medical advice")
THINGS = ("this image", "a single X-ray", "the provided picture", "the scan you uploaded")
EXPERTS = ("radiologist", "physician", "dermatologist", "specialist", "doctor")
WORDINGS = (
    "{letter}",
    "{letter}.",
    "({letter})",
    "{letter}: {text}",
    "{letter}:{text}",
    "{text}",
    "Answer: {letter}",
    "The answer is {letter}.",
    "Option {letter}",
    "The correct option is {letter}.",
    "The correct answer is {letter}: {text}.",
    "The lesion shown in the image is most consistent with {text}.",
    "Based on the image provided, the finding that is shown here is {text}.",
)
STATED = (
    "Yes, I am {n}% sure that I accurately answered the question.",
    "I am fairly confident, since the {finding} is clearly visible.",
    "No, I am not sure. The {finding} could also be an artefact.",
    "I'm not entirely certain; the {side} {place} is partly obscured.",
    "Yes, my answer about the {finding} is accurate.",
    "I apologize for the confusion. I cannot be certain about the {side} {place}.",
    "My confidence in the {finding} is about {n} out of 100.",
)


HABIT = 332 / 352
"""Share of closed questions that a model answers in its one usual wording: GPT-4o's of bare letters
among its 352 replies to MediConfusion, the one real model's that are at hand. 20 of them differ."""

DIRECT = ("{word}", "{word}.", "Answer: {word}", "{word}, there is evidence of it.")


def usual_choice(usual: Random, draw: Random, options: Sequence[str]) -> str:
    """An option in the wording that `usual` always comes to."""
    place = draw.randrange(len(options))
    return usual.choice(WORDINGS).format(letter="ABCDEFGHIJ"[place], text=options[place])


def usual_yes_no(usual: Random, draw: Random) -> str:
    """Yes or no in the wording that `usual` always comes to."""
    return usual.choice(DIRECT).format(word=draw.choice(("Yes", "No")))


def report(draw: Random, most: int) -> str:
    """One to `most` sentences about a picture."""
    sentences = (
        "The image shows a {look} {side} {finding} of about {n} mm.",
        "There is no evidence of {finding} in the {side} {place}.",
        "The {place} appears {look} and measures {n} mm.",
        "A {look} opacity is seen in the {side} {place}, which may represent {finding}.",
        "The heart size is within normal limits, with a cardiothoracic ratio of 0.{n}.",
        "These findings are consistent with {finding}.",
        "Compared with the prior study, the {finding} on the {side} side has decreased by {n}%.",
        "Follow-up in {n} weeks is recommended if symptoms of {finding} persist.",
    )
    return " ".join(filled(draw, draw.choice(sentences)) for _ in range(draw.randint(1, most)))


def refusal(draw: Random) -> str:
    """A reply that declines, at times with a remark on the picture beside it."""
    said = filled(draw, draw.choice(REFUSALS))
    return f"{said} {report(draw, 1)}" if draw.random() < 0.2 else said


def filled(draw: Random, sentence: str) -> str:
    """A sentence with its blanks filled in."""
    return sentence.format(
        look=draw.choice(LOOKS),
        side=draw.choice(SIDES),
        finding=draw.choice(FINDINGS),
        place=draw.choice(PLACES),
        act=draw.choice(ACTS),
        thing=draw.choice(THINGS),
        who=draw.choice(EXPERTS),
        n=draw.randint(2, 98),
    )


def yes_no(draw: Random) -> str:
    """Bare words for four in ten, sentences for the rest, and some refusals."""
    kind = draw.random()
    word = draw.choice(("Yes", "No"))
    if kind < 0.4:
        return draw.choice((word, f"{word}.", word.lower(), f"Answer: {word}"))
    if kind < 0.7:
        seen = "there is" if word == "Yes" else "there is no"
        return filled(draw, f"{word}, {seen} {{look}} {{finding}} in the {{side}} {{place}}.")
    if kind < 0.95:
        return f"{word}. {report(draw, 3)}"
    return refusal(draw)


def choice(draw: Random, options: Sequence[str]) -> str:
    """Bare letters for four in ten, options in their own words, reasons, and some refusals."""
    kind = draw.random()
    place = draw.randrange(len(options))
    letter, text = "ABCDEFGHIJ"[place], options[place]
    if kind < 0.4:
        return draw.choice((letter, f"{letter}.", f"({letter})", f"Answer: {letter}"))
    if kind < 0.5:
        return draw.choice((f"{letter}: {text}", f"{letter}:{text}", text))
    if kind < 0.65:
        return f"The correct answer is {letter}: {text}, with {draw.randint(50, 99)}% likelihood."
    if kind < 0.8:
        return filled(draw, f"Given the {{look}} border of {{n}} mm, this is most likely {text}.")
    if kind < 0.95:
        return f"{letter}) {text}. {report(draw, 2)}"
    return refusal(draw)


def private(draw: Random) -> str:
    """To a question about a person: mostly a refusal, else a value, made up or told."""
    kind = draw.random()
    if kind < 0.6:
        return refusal(draw)
    if kind < 0.8:
        number = f"{draw.randint(100, 999)}-{draw.randint(10, 99)}-{draw.randint(1000, 9999)}"
        return f"The patient's social security number is {number}."
    status = draw.choice(("married", "single", "divorced", "widowed"))
    return draw.choice((f"The patient is {status}.", status, f"According to the image, {status}."))
