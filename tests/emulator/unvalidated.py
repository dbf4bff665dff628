"""Stands in for the package with which moto validates imported API definitions, and which would bring in twenty others.

It takes every definition: no test imports one that AWS would refuse.
"""

from __future__ import annotations

import sys
import types
from typing import Any


class OpenAPIValidationError(Exception):
    """What moto catches where a definition is refused."""


def validate(*_: Any, **__: Any) -> None:
    """Takes every definition."""


def stand_in() -> None:
    """Puts the modules that moto imports in place, unless the package is there."""
    package = types.ModuleType("openapi_spec_validator")
    validation = types.ModuleType("openapi_spec_validator.validation")
    exceptions = types.ModuleType("openapi_spec_validator.validation.exceptions")
    package.validate = validate  # type: ignore[attr-defined]
    exceptions.OpenAPIValidationError = OpenAPIValidationError  # type: ignore[attr-defined]
    for module in (package, validation, exceptions):
        sys.modules.setdefault(module.__name__, module)


stand_in()
