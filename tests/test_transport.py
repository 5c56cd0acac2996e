"""How images reach a server: the bytes themselves, or an address where it finds them."""

import base64
import json
from pathlib import Path

import msgspec
import pytest
from PIL import Image as Pillow

from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage, encode
from medtrust.models.model import ModelOptions
from medtrust.models.openai import vllm
from medtrust.models.transport import Picture, picture_by
from medtrust.records import Image


@pytest.fixture
def image(tmp_path: Path) -> EncodedImage:
    folder = tmp_path / "data" / "a folder"
    folder.mkdir(parents=True)
    Pillow.new("L", (9, 9), 77).save(folder / "x#1.png")
    return encode(Image(id="x/1", path=str(folder / "x#1.png")))


def address(picture: Picture, image: EncodedImage) -> str:
    return str(json.loads(msgspec.json.encode({"url": picture(image)}))["url"])


def test_by_default_the_files_own_bytes_travel(image: EncodedImage) -> None:
    kind, _, encoded = address(picture_by("data"), image).partition(";base64,")
    assert kind == "data:image/png"
    assert base64.b64decode(encoded) == image.data == Path(image.file).read_bytes()


def test_a_file_is_named_by_where_it_is_here(image: EncodedImage, tmp_path: Path) -> None:
    expected = (tmp_path / "data" / "a folder" / "x#1.png").as_uri()
    assert address(picture_by("file"), image) == expected
    assert expected.endswith("/a%20folder/x%231.png")


def test_or_by_where_the_server_sees_the_data(image: EncodedImage, tmp_path: Path) -> None:
    root = tmp_path / "data"
    there = picture_by("file", "file:///mnt/data/", root)
    assert address(there, image) == "file:///mnt/data/a%20folder/x%231.png"
    web = picture_by("url", "http://images:8080/d", root)
    assert address(web, image) == "http://images:8080/d/a%20folder/x%231.png"


def test_what_no_file_holds_travels_in_the_request(image: EncodedImage, tmp_path: Path) -> None:
    changed = encode(Image(id="x/1", path=image.file, transform="gaussian-3"))
    assert not changed.file
    assert address(picture_by("file"), changed).startswith("data:image/png;base64,")
    elsewhere = picture_by("url", "http://images/d", tmp_path / "other")
    assert address(elsewhere, image).startswith("data:image/png;base64,")


def test_each_image_is_its_own_however_many_were_before_it() -> None:
    picture = picture_by("data")
    for number in range(12):
        data = bytes([number]) * 4_000_000
        one = EncodedImage(str(number), str(number), "image/png", data, 1, 1)
        assert address(picture, one).endswith(base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ModelOptions(image_base="http://x"), "--image-base needs --image-transport"),
        (ModelOptions(image_transport="url"), "needs --image-base"),
        (
            ModelOptions(image_transport="url", image_base="file:///x", data=Path()),
            "begin with http:// or",
        ),
        (ModelOptions(image_transport="file", image_base="/mnt"), "begin with file://"),
        (ModelOptions(image_transport="url", image_base="http://x"), "name that too"),
    ],
)
def test_addresses_that_cannot_be_used_are_refused(options: ModelOptions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        vllm("x", options)
