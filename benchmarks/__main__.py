"""Measures the budgets and prints floor, aim, median and 95th percentile of each; exits 1 if a floor is missed."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from typing import TYPE_CHECKING

import numpy as np

import benchmarks

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = f"{'what':58} {'unit':>9} {'floor':>9} {'aim':>9} {'median':>9} {'p95':>9}  verdict"


def main() -> int:
    """Run the named benchmarks, or all."""
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("module", nargs="*", help=f"which benchmarks: {', '.join(names)} (default: all)")
    chosen = parser.parse_args().module
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}; there are {', '.join(names)}")
    print(_load())
    print(HEADER)
    missed = 0
    for name in chosen or names:
        rows: Iterable[benchmarks.Row] = importlib.import_module(f"benchmarks.{name}").rows()
        for row in rows:
            line, holds = report(row)
            print(line, flush=True)
            missed += not holds
    return 1 if missed else 0


def _load() -> str:
    """How busy the machine is: budgets are meant for one that does nothing else."""
    if not hasattr(os, "getloadavg"):
        return ""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    warning = "; other work is running, times will be too long" if load > cores / 2 else ""
    return f"load {load:.1f} on {cores} cores{warning}"


def report(row: benchmarks.Row) -> tuple[str, bool]:
    """One line of the table, and whether the floor holds. The 95th percentile is that of the worse side."""
    median = float(np.median(row.samples))
    worst = float(np.percentile(row.samples, 5 if row.more_is_better else 95))
    holds = worst >= row.floor if row.more_is_better else worst <= row.floor
    reaches = worst >= row.aim if row.more_is_better else worst <= row.aim
    verdict = "aim" if reaches else "floor" if holds else "MISSED"
    figures = " ".join(f"{value:>9,.4g}" for value in (row.floor, row.aim, median, worst))
    return f"{row.name:58} {row.unit:>9} {figures}  {verdict}", holds


if __name__ == "__main__":
    sys.exit(main())
