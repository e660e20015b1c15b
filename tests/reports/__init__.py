"""Tests of what leaves the console."""
