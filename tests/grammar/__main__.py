"""``python -m tests.grammar 17``: the spec of 17, what is wrong with it, and how little shows it.

With ``--shrink`` the spec is made smaller for as long as the same thing is wrong with it.
"""

from __future__ import annotations

import argparse

from graphcnn.diagnostics import SpecError
from tests.grammar.check import WAYS, examined, kind_of
from tests.grammar.draw import draw
from tests.grammar.runs import compiled, shown
from tests.grammar.shrink import Files, shrink


def complaints(files: Files, variant: str | None, *, refusals: bool = False) -> dict[str, str]:
    """What is wrong with a spec, by what was done with it; refusals too where they are wanted."""
    try:
        with compiled(files, variant) as model:
            found = examined(model, {*WAYS})
    except SpecError as refused:
        first = refused.diagnostics[0]
        return {"compiled at all": f"{first.code}: {first.message}"} if refusals else {}
    except Exception as failure:  # noqa: BLE001 - a bug of the compiler's, to be shown
        return {"compiled at all": f"{type(failure).__name__}: {failure}"}
    return {**found.wrong, **(found.refused if refusals else {})}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int, nargs="+")
    parser.add_argument("--shrink", action="store_true")
    parser.add_argument("--refusals", action="store_true", help="what is refused is wrong, too")
    given = parser.parse_args()
    for seed in given.seed:
        drawn = draw(seed)
        files = drawn.files
        wrong = complaints(files, drawn.variant, refusals=given.refusals)
        if wrong and given.shrink:
            where, said = next(iter(wrong.items()))

            def same(smaller: Files, where: str = where, said: str = said) -> bool:
                found = complaints(smaller, drawn.variant, refusals=given.refusals)  # noqa: B023
                return kind_of(found.get(where, "")) == kind_of(said)

            files = shrink(files, same)
        print(shown(drawn, files))  # noqa: T201
        for where, said in wrong.items():
            print(f"# {seed}: {where}: {said}")  # noqa: T201


if __name__ == "__main__":
    main()
