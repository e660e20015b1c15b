"""Operator console of the smart urban management centre of Yuncheng."""

__version__ = "0.1.0"
