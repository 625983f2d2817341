"""Whatever is sent, the answer is one that the description promises, and never a crash."""

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

SETTINGS = hypothesis.settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[hypothesis.Phase.generate],
)


@pytest.fixture(scope="module")
def operations(app):
    """Return all operations of the description, by name."""
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("signed_in", [True, False])
def test_anything_is_answered_as_described(operations, token, signed_in, mode):
    tokens = {True: token("zhou"), False: token("lin")}
    for operation in operations.values():
        told = operation.definition.raw
        if mode is GenerationMode.NEGATIVE and not can_be_wrong(told):
            continue
        headers = {"Accept-Encoding": "identity"}
        if signed_in:
            supervises = told["x-permission"] in {"inspection.review", "policy.read"}
            headers["Authorization"] = f"Bearer {tokens[supervises]}"
        send(operation, mode, headers)


def can_be_wrong(told):
    """Say whether an operation takes anything that has a shape; a file's bytes have none."""
    places = {parameter.get("in") for parameter in told["parameters"]}
    shaped = "application/json" in told.get("requestBody", {}).get("content", {})
    return shaped or bool(places & {"path", "query"})


def send(operation, mode, headers):
    """Send what schemathesis makes up, and let it judge the answers.

    Not asked: that what fits the description is always taken, for much depends on what is stored;
    and that the wrong body of an item refuses the message, for it refuses its item alone.
    """
    excluded = [positive_data_acceptance]
    if operation.label.endswith("/sync"):
        excluded.append(negative_data_rejection)

    @SETTINGS
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def run(case):
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    run()
