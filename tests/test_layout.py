"""The shape of the tree: who may import whom, what loads when, what ships."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent

# Text becomes a graph becomes a file, from left to right. A module imports only from modules to
# its left (and a package's own parts from one another). A new module is given its place here.
PIPELINE = (
    "specs",  # data, no code
    "collector",
    "source",
    "diagnostics",
    "size",
    "expression",
    "evaluate",
    "ops",  # an op that a spec declares has its rules as expressions
    "reference",
    "yaml_errors",
    "syntax",
    "formatting",
    "schema",
    "program",
    "imports",
    "ir",
    "model",
    "naming",
    "elaborate",
    "invariants",
    "initialisation",
    "counts",
    "summary",
    "weights",
    "expect",
    "lint",
    "backends",
    "verification",
    "convert",
    "compiler",
    "difference",
    "codes",
    "report",
    "commands",
    "cli",
    "__main__",
    "api",
    "__init__",
)

FRAMEWORKS = {"jax", "keras", "onnx", "onnxruntime", "tensorflow", "torch", "torchvision"}

# What `graphcnn --help` can do without, so that it answers at once.
HEAVY = FRAMEWORKS | {"jsonschema", "jsonschema_rs", "networkx", "rich", "yaml"}

# Folders of the repository and the packages that they become.
FOLDERS = {"graphcnn": "graphcnn", "backends": "graphcnn.backends", "specs": "graphcnn.specs"}


class Module(NamedTuple):
    """A file of the product under the name that it is imported by."""

    path: Path
    name: str

    @property
    def stage(self) -> str:
        """Its place in the pipeline: the part of its name after ``graphcnn.``."""
        return stage(self.name)


def stage(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def modules() -> Iterator[Module]:
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            # A link inside a folder leads to another folder of the table.
            if not any(parent.is_symlink() for parent in path.parents):
                yield Module(path, ".".join((package, *parts)).removesuffix(".__init__"))


MODULES = tuple(modules())
STAGES = {module.stage for module in MODULES}


class Import(NamedTuple):
    """One imported module, and the line that asks for it."""

    line: int
    name: str


def imports(tree: ast.AST) -> Iterator[Import]:
    """What ``tree`` imports, also where it does so only when called or only for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            # `from graphcnn import ir` names the module only together with what is imported.
            yield from (Import(node.lineno, f"{base}.{alias.name}") for alias in node.names)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def target(name: str) -> str | None:
    """The stage that an import of ``name`` reaches, or None for other people's packages."""
    package, _, rest = name.partition(".")
    if package != "graphcnn":
        return None
    first = rest.partition(".")[0]
    if first == "__version__":  # a constant, the same for everyone
        return None
    return first if first in STAGES or first in PIPELINE else "__init__"


def rank(name: str) -> int:
    if name not in PIPELINE:
        pytest.fail(f"add {name!r} to PIPELINE in {Path(__file__).name}")
    return PIPELINE.index(name)


def misdirected(name: str, tree: ast.AST) -> Iterator[str]:
    """The imports in ``tree``, the module ``name``, that reach to the right of it."""
    here = stage(name)
    for line, imported in imports(tree):
        there = target(imported)
        if there is None or there == here:
            continue
        if rank(there) > rank(here):
            yield f"{name}:{line} imports {imported}, to the right of `{here}` in PIPELINE"


def test_every_module_has_its_place() -> None:
    for name in sorted(STAGES):
        rank(name)


def test_imports_go_one_way() -> None:
    wrong = [line for module in MODULES for line in misdirected(module.name, parse(module.path))]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("graphcnn.ir", "from graphcnn.cli import main", True),
        ("graphcnn.ir", "from graphcnn import cli", True),
        ("graphcnn.ir", "import graphcnn.compiler", True),
        ("graphcnn.ir", "def f():\n    from graphcnn.backends.pytorch import backend", True),
        ("graphcnn.ops.base", "from graphcnn.ir import Graph", True),
        ("graphcnn.ops.base", "from graphcnn.ops.attributes import Kind", False),
        ("graphcnn.backends.python.code", "from graphcnn.compiler import compile_spec", True),
        ("graphcnn.backends.python.code", "from graphcnn.ir import Graph", False),
        ("graphcnn.elaborate", "import ast\nfrom graphcnn import ir, ops", False),
    ],
)
def test_the_check_of_directions_sees(name: str, text: str, *, wrong: bool) -> None:
    assert bool(list(misdirected(name, ast.parse(text)))) is wrong


def test_the_core_knows_no_backend_by_name() -> None:
    """Backends are found by entry point, so that a stranger's is as good as ours."""
    backends = {module.name for module in MODULES if module.stage == "backends"}
    backends -= {"graphcnn.backends"}  # what every backend promises
    named = [
        f"{module.name}:{line} imports {name}"
        for module in MODULES
        if module.stage not in {"backends", "api"}  # `torch_module` is of PyTorch by its name
        for line, name in imports(parse(module.path))
        if name in backends or name.rpartition(".")[0] in backends
    ]
    assert named == []


BACKENDS = {
    module.name.split(".")[2]
    for module in MODULES
    if module.stage == "backends" and module.name.count(".") > 1
}

#: what backends may share, by the names of their modules under ``graphcnn.backends``
SHARED = frozenset({"python"})


def strays(name: str, tree: ast.AST) -> Iterator[str]:
    """The imports in ``tree``, the module ``name``, from a backend that is not its own."""
    own = name.split(".")[2:3]
    for line, imported in imports(tree):
        parts = imported.split(".")
        if parts[:2] != ["graphcnn", "backends"] or len(parts) < 3 or parts[2] in SHARED:
            continue
        if parts[2:3] != own and parts[2] in BACKENDS:
            yield f"{name}:{line} imports {imported}"


def test_backends_do_not_know_one_another() -> None:
    """What two of them need is in `backends/python`, which knows neither."""
    inside = [module for module in MODULES if module.stage == "backends"]
    assert [line for module in inside for line in strays(module.name, parse(module.path))] == []


@pytest.mark.parametrize(
    ("name", "text", "stray"),
    [
        ("graphcnn.backends.keras.emit", "from graphcnn.backends.pytorch import file", True),
        ("graphcnn.backends.keras.emit", "from graphcnn.backends.python.text import camel", False),
        ("graphcnn.backends.keras.emit", "from graphcnn.backends.keras import file", False),
        ("graphcnn.backends.keras.emit", "from graphcnn.backends import Level", False),
        ("graphcnn.backends.python.text", "import graphcnn.backends.keras.emit", True),
    ],
)
def test_the_check_of_backends_sees(name: str, text: str, *, stray: bool) -> None:
    assert bool(list(strays(name, ast.parse(text)))) is stray


def fresh(script: str, *arguments: str) -> str:
    """What ``script`` prints in a process of its own."""
    command = [sys.executable, "-c", script, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_compiling_loads_no_framework() -> None:
    """The compiler and its backends, as `graphcnn build` loads them.

    A backend may hold modules that import its framework, to copy their text into what it emits.
    """
    script = """
import importlib, sys
for name in sys.argv[1].split():
    before = set(sys.modules)
    importlib.import_module(name)
    new = {module.partition(".")[0] for module in set(sys.modules) - before}
    for framework in sorted(new & set(sys.argv[2].split())):
        print(f"importing {name} loads {framework}")
"""
    names = [
        module.name
        for module in MODULES
        if module.stage not in {"backends", "__main__"}
        or (module.name.count(".") == 2 and module.path.name == "__init__.py")
    ]
    assert {"graphcnn.backends.onnx", "graphcnn.backends.pytorch"} <= set(names)
    assert fresh(script, " ".join(names), " ".join(FRAMEWORKS)) == ""


def test_help_loads_nothing_heavy() -> None:
    script = """
import sys
from graphcnn.cli import main
sys.argv = ["graphcnn", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
    text, _, loaded = fresh(script).partition("loaded:")
    assert "Usage" in text
    assert set(loaded.split()) & HEAVY == set()


def test_every_package_ships() -> None:
    """The packages in pyproject.toml are those of the tree; setuptools cannot find them itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {module.name for module in MODULES if module.path.name == "__init__.py"}
    assert packages == set(project["tool"]["setuptools"]["packages"])


@pytest.mark.parametrize("link", ["backends", "specs"])
def test_links_lead_to_the_folders(link: str) -> None:
    """Type checkers and doctests find `graphcnn.backends` by these; the wheel needs none."""
    assert (ROOT / "graphcnn" / link).resolve() == ROOT / link
