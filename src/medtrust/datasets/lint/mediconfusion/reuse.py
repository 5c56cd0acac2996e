"""Checks of which pairs share images or articles, and so are not independent."""

from collections import Counter

from medtrust.datasets.clusters import components
from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding


def reused_images(contents: Contents) -> list[Finding]:
    """Images in more than one pair, images in one, and the image in most."""
    uses = Counter(image for pair in contents.pairs.values() for image in {pair.im_1, pair.im_2})
    several = [image for image, count in uses.items() if count > 1]
    most = max(uses.values(), default=0)
    top = ", ".join(str(count) for _, count in uses.most_common(4))
    return [
        finding(
            "images-in-several-pairs",
            f"of {len(uses)} images, those in more than one pair (most often in {top})",
            samples=contents.samples_with(several),
            count=len(several),
        ),
        finding("images-in-one-pair", "images in one pair only", count=len(uses) - len(several)),
        finding(
            "most-pairs-of-one-image",
            "pairs that the most used image is in",
            samples=contents.samples_with(image for image, n in uses.items() if n == most),
            count=most,
        ),
    ]


def clusters(contents: Contents) -> list[Finding]:
    """Independent units: pairs tied together by shared images, and by shared articles too."""
    by_image = _component_sizes(contents, by_article=False)
    by_both = _component_sizes(contents, by_article=True)
    return [
        finding(
            "clusters-by-image",
            f"sets of pairs tied by shared images; the largest have {_largest(by_image)} pairs",
            count=len(by_image),
        ),
        finding(
            "clusters-by-image-and-article",
            f"sets of pairs tied by shared images or articles; the largest have "
            f"{_largest(by_both)} pairs",
            count=len(by_both),
        ),
        finding(
            "largest-cluster",
            "pairs in the largest set tied by shared images or articles",
            count=max(by_both, default=0),
        ),
    ]


def shared_articles(contents: Contents) -> list[Finding]:
    """Pairs whose two images come from one article, and articles with several images."""
    same = [
        number
        for number, pair in contents.pairs.items()
        if contents.article(pair.im_1) == contents.article(pair.im_2) != ""
    ]
    images_of = Counter(source.article for source in contents.sources.values() if source.article)
    several = {article for article, count in images_of.items() if count > 1}
    return [
        finding(
            "pairs-within-one-article",
            "pairs whose two images come from one article",
            samples=contents.pairs_where(same),
        ),
        finding(
            "articles-with-several-images",
            f"of {len(images_of)} articles, those that supply more than one image",
            samples=contents.samples_with(
                image for image in contents.sources if contents.article(image) in several
            ),
            count=len(several),
        ),
    ]


def _component_sizes(contents: Contents, *, by_article: bool) -> list[int]:
    """Pairs in each connected component, largest first."""
    groups = [
        [
            *(pair.im_1, pair.im_2),
            *(filter(None, map(contents.article, (pair.im_1, pair.im_2))) if by_article else ()),
        ]
        for pair in contents.pairs.values()
    ]
    root = components(groups)
    return sorted(Counter(root[group[0]] for group in groups).values(), reverse=True)


def _largest(sizes: list[int]) -> str:
    return ", ".join(str(size) for size in sizes[:3])
