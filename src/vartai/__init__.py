"""Recurrent networks trained on your own data, open to the last gate.

What needs torch and scikit-learn is imported when it is first asked for, so that ``import vartai``
is instant and ``import vartai.nn`` brings torch and NumPy only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vartai import inspect
from vartai.errors import (
    BundleError,
    InputError,
    MissingExtra,
    OptionError,
    RunError,
    SaveError,
    UserError,
    VartaiError,
)
from vartai.lazy_names import lazy_names

if TYPE_CHECKING:
    from vartai.estimators.captioner import Captioner
    from vartai.estimators.classifier import TextClassifier
    from vartai.estimators.language_model import LanguageModel
    from vartai.estimators.loading import load
    from vartai.estimators.reader import Reader
    from vartai.estimators.tagger import Tagger
    from vartai.estimators.translator import Translator
    from vartai.nn.acceleration import accelerate, restore

__all__ = [
    "BundleError",
    "Captioner",
    "InputError",
    "LanguageModel",
    "MissingExtra",
    "OptionError",
    "Reader",
    "RunError",
    "SaveError",
    "Tagger",
    "TextClassifier",
    "Translator",
    "UserError",
    "VartaiError",
    "__version__",
    "accelerate",
    "inspect",
    "load",
    "restore",
]

__version__ = "0.1.0"

_HOMES = {
    "Captioner": "vartai.estimators.captioner",
    "LanguageModel": "vartai.estimators.language_model",
    "Reader": "vartai.estimators.reader",
    "Tagger": "vartai.estimators.tagger",
    "TextClassifier": "vartai.estimators.classifier",
    "Translator": "vartai.estimators.translator",
    "accelerate": "vartai.nn.acceleration",
    "load": "vartai.estimators.loading",
    "restore": "vartai.nn.acceleration",
}

__getattr__, __dir__ = lazy_names(__name__, _HOMES)
