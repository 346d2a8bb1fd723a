"""The JSON Schema (2020-12) of the JSON report, made from the very classes that are written.

Why made and not kept in a file: a figure that is added to the evaluation is in the schema by the same edit. What may be
added without a new number of the schema are fields; whoever reads the report passes over those they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DataclassSchema

from syncer.report.metrics import DEFINITIONS
from syncer.report.model.evaluation import SCHEMA, Evaluation
from syncer.report.model.metric import Judgement, Metric, MetricDefinition, Question, Target, Unit
from syncer.report.render.machine import METRIC_FIELDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def schema_text() -> str:
    """The schema as JSON text with a final newline."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The schema of what `machine.report_object` makes."""
    shared: dict[str, Any] = {}
    counted = {**_typed(Metric, without={"definition", "wanted"}), "unit": Unit, "target": Target | None}
    written = {name: counted[name] for name in METRIC_FIELDS}
    figure = _object({**written, "question": Question, "judgement": Judgement | None}, shared)
    report = _object(
        {
            **dict.fromkeys(("from", "to"), datetime),
            "time_zone": str,
            "complete": bool,
            **_typed(Evaluation, without={"window", "metrics", "desks"}),
        },
        shared,
        {
            "schema": {"const": SCHEMA},
            "week": {"type": "string", "pattern": r"^\d{4}-W\d{2}$"},
            "metrics": {
                "type": "object",
                "propertyNames": {"enum": [row.id for row in DEFINITIONS]},
                "additionalProperties": {"$ref": "#/$defs/Figure"},
            },
        },
    )
    definitions = {name: shared[name] for name in sorted(shared)}
    address = f"urn:{SCHEMA.replace('/', ':')}"
    return {"$schema": DIALECT, "$id": address, **report, "$defs": {"Figure": figure, **definitions}}


def _object(types: Mapping[str, Any], shared: dict[str, Any], described: Mapping[str, Any] | None = None) -> Any:
    """The schema of an object whose properties are all there; classes it is made of go to `shared`."""
    properties = dict(described or {})
    for name, kind in types.items():
        made = TypeAdapter(kind).json_schema(mode="serialization", schema_generator=_Generator)
        shared.update(made.pop("$defs", {}))
        properties[name] = made
    return {"type": "object", "properties": properties, "required": list(properties)}


class _Generator(GenerateJsonSchema):
    """Writes the id of a metric where a class names one."""

    def dataclass_schema(self, schema: DataclassSchema) -> JsonSchemaValue:
        if schema["cls"] is MetricDefinition:
            return {"title": "MetricId", "type": "string", "enum": [row.id for row in DEFINITIONS]}
        return super().dataclass_schema(schema)


def _typed(of: type, *, without: set[str]) -> dict[str, Any]:
    """The fields of a dataclass with their types."""
    hints = get_type_hints(of)
    return {field.name: hints[field.name] for field in fields(of) if field.name not in without}
