"""Operator console of the smart urban management centre of Yuncheng."""

import os

__version__ = "0.1.0"

# PySide6 makes the Python type of a class when its name is first asked for. Two threads that do so at once end the
# program with a segmentation fault, or wait for each other for good: all types are made when Qt is imported.
os.environ.setdefault("PYSIDE6_OPTION_LAZY", "0")

# Which sound servers a computer does not have is of no interest to whoever started the console in a terminal.
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.symbolsresolver=false")
