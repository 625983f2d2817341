"""The emitted OpenAPI document as a judge: is this answer one that it promises?"""

import copy
import re

import jsonschema_rs

PLACE = re.compile(r"\{\w+\}")


class Description:
    """A closed reading of the document: an answer with a key too many is wrong, too."""

    def __init__(self, document):
        self.document = document
        self.schemas = _closed(copy.deepcopy(document["components"]["schemas"]))
        self.paths = {
            re.compile(PLACE.sub("[^/]+", path) + r"\Z"): methods
            for path, methods in document["paths"].items()
        }

    def operation(self, method, path):
        """Return what the document says of a request."""
        (methods,) = [
            told for shape, told in self.paths.items() if shape.match(path.partition("?")[0])
        ]
        return methods[method.lower()]

    def check(self, method, path, answer):
        """Compare an answer with the promise: status, media type, every key."""
        responses = self.operation(method, path)["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.status, answer.text)
        content = responses[str(answer.status_code)]["content"]
        assert answer.mimetype in content, (method, path, answer.mimetype)
        schema = content[answer.mimetype].get("schema", {})
        if "$ref" in schema:
            self.validate(schema, answer.get_json())

    def validate(self, schema, value):
        """Check a value against a schema of the document."""
        whole = schema | {"components": {"schemas": self.schemas}}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def _closed(schema):
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for one in schema.values():
            _closed(one)
    elif isinstance(schema, list):
        for one in schema:
            _closed(one)
    return schema
