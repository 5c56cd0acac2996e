"""Reading what the article bucket says: whatever comes is understood or refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucket import listing
from medtrust.datasets.fetch.http import Failed
from medtrust.datasets.fetch.pmc import Article, Metadata, checksums, parse_listing, parse_metadata
from medtrust.datasets.files import is_bare_name

MD5 = "0123456789abcdef0123456789abcdef"


@given(st.binary())
def test_any_bytes_are_a_listing_or_refused(data: bytes) -> None:
    with suppress(Failed):
        assert parse_listing(data, "PMC1") == []


@given(st.binary())
def test_any_bytes_are_metadata_or_refused(data: bytes) -> None:
    with suppress(Failed):
        assert isinstance(parse_metadata(data), Metadata)


@given(st.sets(st.integers(0, 9999)))
def test_versions_come_newest_first(versions: set[int]) -> None:
    text = listing(*(f"PMC1.{version}/" for version in versions))
    assert parse_listing(text.encode(), "PMC1") == sorted(versions, reverse=True)


@pytest.mark.parametrize(
    "prefix", ["PMC12.1/", "PMC1.1", "PMC1.x/", "PMC1.1/../", "/PMC1.1/", "PMC1.99999/", "../"]
)
def test_prefixes_of_another_form_are_passed_over(prefix: str) -> None:
    assert parse_listing(listing(prefix, "PMC1.3/").encode(), "PMC1") == [3]


def test_a_prefix_elsewhere_in_the_listing_is_no_version() -> None:
    text = "<ListBucketResult><Prefix>PMC1.1/</Prefix></ListBucketResult>"
    assert parse_listing(text.encode(), "PMC1") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(encoding: str) -> None:
    text = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(Failed, match="document type"):
        parse_listing(text.encode(encoding), "PMC1")


@pytest.mark.parametrize(
    "url",
    [
        "s3://b/PMC1.1/other.jpg?md5=" + MD5,
        "s3://b/PMC1.2/a.jpg?md5=" + MD5,
        "s3://b/deep/PMC1.1/a.jpg?md5=" + MD5,
        "s3://b/PMC1.1/a.jpg",
        "s3://b/PMC1.1/a.jpg?md5=short",
        "http://[",
        "",
    ],
)
def test_only_the_file_itself_gives_its_checksum(url: str) -> None:
    article = Article(id="PMC1", versions={1: Metadata(media_urls=(url,))})
    assert checksums(article, "a.jpg") == {}


def test_checksums_come_newest_version_first() -> None:
    def metadata(version: int) -> Metadata:
        return Metadata(media_urls=(f"s3://b/PMC1.{version}/a.jpg?md5={MD5}",))

    article = Article(id="PMC1", versions={2: metadata(2), 10: metadata(10), 1: Metadata()})
    assert list(checksums(article, "a.jpg").items()) == [(10, MD5), (2, MD5)]


@given(st.text())
def test_a_bare_name_stays_in_its_folder(name: str) -> None:
    if is_bare_name(name):
        assert "/" not in name
        assert "\\" not in name
        assert name not in {".", ".."}
        assert "\x00" not in name
