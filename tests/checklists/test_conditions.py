"""Expressions: the same vectors as tests/js/conditions.test.js."""

from typing import Any

import pytest

from tests.checklists.builders import vectors
from webapp.checklists.conditions import holds


@pytest.mark.parametrize(("expression", "variables", "expected"), vectors("conditions")["cases"])
def test_it_holds_or_not(expression: str, variables: dict[str, Any], expected: bool):
    assert holds(expression, variables) is expected


def test_other_variables_do_not_matter():
    assert holds("a > 1.0", {"a": 2.0, "photos": [{"sha256": "x", "taken_at": None}], "day": "x"})
