"""What reads bytes that others wrote, each as a function from bytes to nothing.

The promise of all of them: a result, or a `MedtrustError` of one line. `test_fuzz.py` puts
them to it in every test run, `fuzz_long.py` by hand and for as long as one likes.
"""

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image as Pillow
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from layout import prompts, record
from medtrust import registry
from medtrust.audit.read import read_tables
from medtrust.datasets.cares.admissions import marital_statuses
from medtrust.datasets.cares.fairvlmed_npz import read_person
from medtrust.datasets.cares.origin import question_file
from medtrust.datasets.fetch.http import Failed
from medtrust.datasets.fetch.pmc import parse_listing, parse_metadata
from medtrust.datasets.mediconfusion import IMAGES, LICENSES, PROMPTS, QUESTIONS
from medtrust.datasets.phantom import store
from medtrust.datasets.predictions import parse_predictions
from medtrust.errors import MedtrustError
from medtrust.images.encode import encode
from medtrust.models.chat import read_reply
from medtrust.pipeline.audit import audit
from medtrust.pipeline.folder import read_run
from medtrust.records import Image, Request, Response, Sample
from medtrust.scorers.abstention import abstains_official
from medtrust.scorers.confidence import read_confidence, read_merged_confidence
from medtrust.scorers.declining import abstains, declined
from medtrust.scorers.disclosure.kinds import KINDS, find
from medtrust.scorers.judge import read_scores_official
from medtrust.scorers.letter import read_option
from medtrust.scorers.letter_official import read_official
from medtrust.scorers.marks import read_mark, read_two_marks
from medtrust.scorers.multichoice_official import official as most_similar
from medtrust.scorers.overlap import overlap
from medtrust.scorers.scorer import ReadSettings
from medtrust.scorers.toxicity import read_figure
from medtrust.scorers.yes_no import read_yes_no
from medtrust.scorers.yes_no_official import says_yes_official

Target = Callable[[bytes], None]

OPTIONS = ("The left kidney", "Not the left kidney", "A cyst", "No. 4 (a/b)")
QUESTION = "Is there cardiomegaly, or an effusion in the left lung?"
BETWEEN = b"\n%%\n"
"""Parts an input into the files of a dataset that has several."""

CARES = tuple(name for name in registry.names("datasets") if name.startswith("cares/"))


def keeps_its_word(target: Target, data: bytes) -> None:
    """Run a target; what it raises must be meant for people, on one line of bearable length."""
    try:
        target(data)
    except (MedtrustError, Failed) as error:
        said = str(error)
        if len(said.splitlines()) != 1 or len(said) > 2000:
            raise AssertionError(f"no message of one line: {said[:200]!r}") from error


def reply(data: bytes) -> None:
    """Every reader of what a model wrote."""
    # A lone surrogate can come out of JSON, though it is no text.
    text = data.decode("utf-8", "surrogateescape")
    for read in REPLY_READERS.values():
        read(text)


SAMPLE = Sample(
    id="x:1",
    dataset="x",
    kind="choice",
    question=QUESTION,
    target="A",
    cluster="x",
    options=OPTIONS,
)

REPLY_READERS: Mapping[str, Callable[[str], object]] = {
    "letter": lambda text: read_option(text, OPTIONS),
    "letter, official": lambda text: read_official(text, len(OPTIONS)),
    "yes or no": lambda text: read_yes_no(text, QUESTION),
    "yes or no, no question": read_yes_no,
    "yes or no, official": says_yes_official,
    "most similar option": lambda text: most_similar(SAMPLE, [Response(text=text)], ReadSettings()),
    "refusal": declined,
    "abstention": abstains,
    "abstention, official": abstains_official,
    "confidence": read_confidence,
    "confidence, merged": read_merged_confidence,
    "mark": read_mark,
    "two marks": read_two_marks,
    "two marks, official": read_scores_official,
    "overlap": lambda text: overlap(text, "the heart is enlarged"),
    "toxicity": lambda text: read_figure(Response(text=text)),
    **{f"disclosure of {kind}": partial(find, kind) for kind in KINDS},
}


def option(data: bytes) -> None:
    """Questions and options are data too: long, empty, odd."""
    question, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
    options = tuple(rest.split("\n")[:10])
    read_option(f"The answer is {rest[:200]}", options)
    read_yes_no("No effusion, and the heart is enlarged.", question)
    overlap(question, rest)


def chat(data: bytes) -> None:
    """A server's body under HTTP 200."""
    for mode, options in (("generate", ()), ("choices", ("a", "b"))):
        asked = msgspec.convert(
            {
                "sample": "x",
                "question": "x",
                "messages": [],
                "mode": mode,
                "options": options,
            },
            Request,
        )
        with suppress(MedtrustError):
            response = read_reply(data, asked, 0.1, "http://x")
            msgspec.json.encode(response)
    read_reply(data, asked, 0.1, "http://x")


def picture(data: bytes, name: str = "image") -> None:
    """An image, whatever its name says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        encode(Image(id="x/1", path=str(path)))


def dicom(data: bytes) -> None:
    """A DICOM file, by its name."""
    picture(data, "image.dcm")


def _file(name: str, read: Callable[[Path], object]) -> Target:
    def target(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            read(path)

    return target


def _cares(name: str) -> Target:
    card = registry.load("datasets", name)
    questions = question_file(name).path

    def target(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, questions)
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            card.load(Path(folder))

    return target


def mediconfusion(data: bytes) -> None:
    """Its four JSON files."""
    card = registry.load("datasets", "mediconfusion")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in zip(
            (QUESTIONS, IMAGES, PROMPTS, LICENSES), data.split(BETWEEN), strict=False
        ):
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        card.load(Path(folder))
        registry.load("linters", "mediconfusion")(Path(folder))


def _phantom(path: Path) -> None:
    store.check(path.parent)


def _audited(path: Path) -> None:
    audit(read_tables(path))


def _statuses(path: Path) -> None:
    marital_statuses(path, {"1", "2"})


def listing(data: bytes) -> None:
    """What PubMed Central's bucket says."""
    parse = parse_listing if data.startswith(b"<") else lambda data, _: parse_metadata(data)
    parse(data, "PMC1")


TARGETS: Mapping[str, Target] = {
    "reply": reply,
    "option": option,
    "chat": chat,
    "picture": picture,
    "dicom": dicom,
    "npz": _file("data_00001.npz", read_person),
    "admissions": _file("admissions.csv", _statuses),
    "admissions, packed": _file("admissions.csv.gz", _statuses),
    "predictions": _file("answers.jsonl", parse_predictions),
    "table": _file("table.csv", _audited),
    "manifest": _file(store.MANIFEST, _phantom),
    "run.json": _file("run.json", lambda path: read_run(path.parent)),
    "bucket": listing,
    "mediconfusion": mediconfusion,
    **{name: _cares(name) for name in CARES},
}


ROWS: Mapping[str, Mapping[str, object]] = {
    "cares/fairvlmed": {"image": "slo_fundus_00001.jpg"},
    "cares/ham10000": {"options": "A:hand, B:foot", "fig_caption": "B:foot", "gender": "male"},
    "cares/iu-xray": {"text": "Is it round? [yes, no]\n<image>"},
    "cares/mimic-cxr": {"subject_id": 7, "study_id": 8, "race": "Asian"},
    "cares/ol3i": {"age": "70", "options": "A:hand, B:foot", "answer": "A:hand"},
    "cares/omnimedvqa": {"option_A": "A hand", "option_B": "a foot", "answer": "A"},
    "cares/pmc-oa": {},
}
"""What a row of each set has beside, or instead of, what all have."""


def _rows(name: str) -> bytes:
    shared = {"text": "What is seen?\n<image>", "answer": "Yes.", "image": "a/b.png", "age": 70}
    return json.dumps({**shared, "gender": "F", **ROWS[name]}).encode() + b"\n"


def _saved(kind: str, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Pillow.new(mode, (7, 5)).save(buffer, kind)
    return buffer.getvalue()


def scan(**tags: object) -> bytes:
    """A small DICOM file; `tags` are DICOM keywords."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, "1.2.3"
    made.PatientName = "Nobody^Phantom"
    made.Rows, made.Columns, made.SamplesPerPixel = 4, 4, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 1
    made.WindowCenter, made.WindowWidth = 40, 400
    made.PixelData = np.arange(16, dtype=np.int16).tobytes()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for field, value in {"age": 61.5, "gender": 1, "race": 2, "maritalstatus": -1}.items():
            member = io.BytesIO()
            np.save(member, np.array(value))
            archive.writestr(f"{field}.npy", member.getvalue())
    return buffer.getvalue()


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


_ADMISSIONS = b"subject_id,hadm_id,marital_status\n1,2,MARRIED\n2,3,\n"

SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "reply": (
        b"The answer is **B**, not A: it is not the left kidney.",
        b"A: 8/10\nB: 3\n\nBoth see a cyst.",
        b"I'm sorry, but I can't say; only a licensed radiologist could. SSN: 132-45-6789",
        b"<think>yes</think> No, I am 80 % sure. \\boxed{B} She is a 45-year-old widow, 1/2/1980.",
    ),
    "option": (b"Is the heart normal?\nThe heart\nNot the heart\n",),
    "chat": (
        _json(
            {
                "choices": [
                    {
                        "message": {"content": [{"type": "text", "text": "A"}], "refusal": None},
                        "finish_reason": "stop",
                        "logprobs": {
                            "content": [
                                {
                                    "token": "A",
                                    "logprob": -0.1,
                                    "top_logprobs": [{"token": " B", "logprob": -2.0}],
                                }
                            ]
                        },
                    }
                ],
                "usage": {"prompt_tokens": 3, "completion_tokens": 1},
                "model": "m",
            }
        ),
    ),
    "picture": (
        *(_saved(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM")),
        _saved("PNG", "I;16"),
        _saved("PNG", "P"),
        _saved("TIFF", "CMYK"),
    ),
    "dicom": (
        scan(),
        scan(NumberOfFrames=2, PixelData=bytes(64), WindowCenter=["1", "2"]),
        scan(BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(16)),
    ),
    "npz": (_npz(),),
    "admissions": (_ADMISSIONS,),
    "admissions, packed": (gzip.compress(_ADMISSIONS),),
    "predictions": (
        (
            b'{"id": "mediconfusion:10001/1", "text": "B", "logprobs": {"A": -1.5}}\n'
            b'{"id": "mediconfusion:10001/2", "texts": ["A", "sure"]}\n'
        ),
        _json(
            {
                "10001": {
                    "answer": {
                        "im1": {"full_answer": "A", "A": 10, "B": 0},
                        "im2": {
                            "answer": {"full_answer": "B", "A": 0, "B": 10},
                            "logprob": -0.5,
                        },
                    },
                    "score": {
                        name: {"total": 1}
                        for name in (
                            *("set_score", "individual_score", "confused"),
                            *("invalid", "valids", "valid_pairs"),
                        )
                    },
                }
            }
        ),
    ),
    "table": (
        b"Model,n,Set acc.,Ind. acc.,Confusion\nA,176,10.23,50.1,80.0\nB,-,3.41 (1.2)/0.5,-,9\n",
        b"model,task,dataset,metric,value,low,high,n,missing\nm,t,d,accuracy,0.5,0.4,0.6,10,0\n",
    ),
    "manifest": (_json({"version": 1, "files": {"images/a.png": "0" * 64}}),),
    "run.json": (_json({"created": "x", "commands": [], "models": [{"name": "m"}]}),),
    "bucket": (
        b"<R><CommonPrefixes><Prefix>PMC1.1/</Prefix></CommonPrefixes></R>",
        _json({"license_code": "CC BY", "is_retracted": False, "media_urls": ["s3://a?md5=0"]}),
    ),
    "mediconfusion": (
        BETWEEN.join(
            (
                _json({"10001": record(1)}),
                _json(
                    {
                        f"train/1_{k}.jpg": {
                            "local": 1 + k,
                            "dlink": f"ftp://x/PMC{k}.tar.gz",
                            "file_name": "a.jpg",
                        }
                        for k in (1, 2)
                    }
                ),
                _json(prompts()),
                _json({"2": {"license": "CC BY"}}),
            )
        ),
    ),
    **{name: (_rows(name), b"[" + _rows(name) + b"," + _rows(name) + b"]") for name in CARES},
}
