"""What can go wrong outside our own code, said so that the person who reads it knows what to do.

Two kinds of failure exist. A `ConsoleError` comes from the environment or from the data: its message is shown as it
is, in the user's language, and the command exits non-zero. Every other exception is a fault of ours and goes to the
log with its traceback.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
TRANSLATION_CONTEXT = "errors"


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 - the name that lupdate looks for
    """Mark an English text for translation where no Qt is imported; returns it unchanged."""
    del context
    return text


class ConsoleError(Exception):
    """A failure of the environment or the data, with one sentence that says what to do.

    Args:
        template: English sentence, marked with ``QT_TRANSLATE_NOOP("errors", …)``, with ``{name}`` fields.
        **values: what the fields stand for.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values

    def text(self, language: str) -> str:
        """The sentence in `language` (``zh_CN`` or ``en``)."""
        return translate(self.template, language).format(**self.values)


def translate(source: str, language: str, context: str = TRANSLATION_CONTEXT) -> str:
    """`source` in `language`, from the same translation file that the window uses; English when there is none."""
    return _messages(language).get((context, source), source)


@cache
def _messages(language: str) -> dict[tuple[str, str], str]:
    path = RESOURCES / "translations" / f"console_{language}.ts"
    if not path.exists():
        return {}
    found: dict[tuple[str, str], str] = {}
    for context in ET.parse(path).getroot().iter("context"):  # noqa: S314 - a file of our own
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            words = message.findtext("translation")
            if words:
                found[name, message.findtext("source") or ""] = words
    return found
