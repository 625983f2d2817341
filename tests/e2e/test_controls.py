"""Between the controls of the form and what is stored: read, write and read again is the same."""

import json

import pytest

from tests.e2e import acts
from tests.e2e.conftest import PHONE

# A value of each kind, as the server stores it, and how the page may give it back.
SAMPLES = {
    "conforms": "na",
    "integer": 12,
    "decimal": "1.50",
    "money": "120000.00",
    "date": "2026-03-10",
    "datetime": "2026-03-10T09:05",
    "short_text": "𠮷野家 <b>&amp;</b> =1+1 🙂",
    "long_text": "第一行\n第二行 {{7*7}}",
    "plate": "赣A12345",
    "person": {"name": "钱所", "position": "所长"},
    "photo": [
        {"sha256": "a" * 64, "taken_at": "2026-03-10T01:30:00.000Z"},
        {"sha256": "b" * 64, "taken_at": None},
    ],
}
ROUND_TRIP = """async ([values, module]) => {
  const { read, write, describe } = await import(module);
  const form = document.getElementById("form");
  const back = {};
  for (const root of form.querySelectorAll("[data-q]")) {
    const { q, kind } = root.dataset;
    if (!(q in values)) continue;
    write(root, null);
    const emptied = read(root);
    write(root, values[q]);
    back[q] = [emptied, read(root)];
  }
  return back;
}"""


@pytest.mark.parametrize("checklist", [acts.VEHICLES, acts.SHORT], ids=lambda one: one.id)
def test_every_control_gives_back_what_was_put_into_it(open_, watch, checklist):
    watch.expects_network_errors = True  # photos that nobody took
    page = open_("lin", PHONE).new_page()
    acts.open_inspection(page, checklist)
    main = page.locator("script[type=module]").get_attribute("src") or ""
    module = main.replace("main.js", "fill/answers.js")
    values = {q.id: sample(q) for q in checklist.questions if q.kind != "note"}
    back = page.evaluate(ROUND_TRIP, [values, module])
    assert {q: emptied for q, (emptied, _) in back.items() if emptied is not None} == {}
    assert {q: value for q, (_, value) in back.items()} == json.loads(json.dumps(values))


def sample(question):
    """Return a value of the question's kind."""
    if question.kind == "choice":
        return question.options[-1].id
    if question.kind == "choices":
        return [option.id for option in question.options[:2]]
    if question.kind == "table":
        cells = {column.id: sample(column) for column in question.columns}
        return [{"row": "0", **cells}, {"row": "k7", **cells}]
    return SAMPLES[question.kind]
