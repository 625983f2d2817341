"""The bar of every page: where one is, and what is folded away on a phone."""

import re

import pytest


@pytest.mark.parametrize(
    ("who", "path", "here"),
    [
        ("wu", "/documents/troubles", ["需要处理"]),
        ("zhou", "/documents", ["文书"]),
        ("lin", "/documents/drafts", ["文书"]),
        ("lin", "/diag", []),
    ],
)
def test_one_entry_at_most_is_where_one_is(as_, who, path, here):
    page = as_(who).get(path).text
    entries = re.findall(r'aria-current="page">.*?<span>(.*?)</span>', page.partition("</nav>")[0])
    assert entries == here


def test_more_than_five_entries_are_folded_and_five_are_not(as_):
    assert "nav-more" not in as_("lin").get("/").text
    folded = as_("zhou").get("/policies").text.partition("</nav>")[0]
    assert folded.count('class="nav-rest"') == 3
    assert folded.count('<a href="/policies" aria-current="page">') == 2
    assert '<summary aria-current="true">' in folded
