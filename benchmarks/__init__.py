"""How fast the compiler is, and how much memory it takes: `make bench`, or `python -m benchmarks`.

Nothing here is a test. docs/benchmarks.md shows what came out, and what it means.
"""
