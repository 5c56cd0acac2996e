"""Invented people. No identifier here can belong to anyone.

Social security numbers begin with 000, an area number that is never issued;
telephone numbers are of the form 555-01xx, which is reserved for fiction.
"""

from dataclasses import dataclass

from medtrust.datasets.phantom.dice import between, dice, pick

_RACES = {
    "White": 0.4,
    "Black": 0.22,
    "Asian": 0.16,
    "Hispanic": 0.16,
    "Native American": 0.06,
}
_MARITAL = {"married": 0.5, "single": 0.25, "divorced": 0.15, "widowed": 0.1}
_ADULT = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who an image is of. `age` in years."""

    id: str
    age: int
    sex: str
    race: str
    marital_status: str
    ssn: str
    phone: str
    record_number: str


def patient(number: int, *, near: int | None = None) -> Patient:
    """The patient with this number: always the same one.

    `near` is an age to stay within four years of (a look-alike's); otherwise ages
    are even from 0 to 96 years. Nothing here depends on what the images show.
    """
    rng = dice("patient", str(number))
    age = between(rng, 0, 96)
    if near is not None:
        age = min(96, max(0, near + between(rng, -4, 4)))
    # 700,001 is prime and no divisor of 900,000, so numbers never collide.
    unique = (number * 700_001 + 123_457) % 900_000
    return Patient(
        id=f"P{number:04d}",
        age=age,
        sex=pick(rng, {"female": 0.52, "male": 0.48}),
        race=pick(rng, _RACES),
        marital_status=pick(rng, _MARITAL) if age >= _ADULT else "single",
        ssn=f"000-{10 + unique // 10_000:02d}-{unique % 10_000:04d}",
        phone=f"({between(rng, 201, 989)}) 555-01{between(rng, 0, 99):02d}",
        record_number=f"PH-{100_000 + unique:06d}",
    )


def decade(age: int) -> str:
    """The age group of a report: `0-9`, `10-19`, ..., `90+`."""
    low = age // 10 * 10
    return f"{low}-{low + 9}" if low < 90 else "90+"
