"""Codes of keys: those that are missing, unknown, or do not go together; and imports."""

from __future__ import annotations

from graphcnn.codes.code import Code, spec

CODES: dict[str, Code] = {
    "missing-key": Code(
        "a key that must be there is missing",
        "A file begins with `graphcnn: 1` and a `name`, and has `inputs` and a `graph` unless it "
        "only offers blocks to others. A block needs `graph` or `sequence`, `branches` its "
        "`paths`, `for` its `do`.",
        spec("- branches: {merge: concat}"),
        spec("- branches: {merge: concat, paths: [[relu], [tanh]]}"),
    ),
    "unknown-key": Code(
        "there is no such key",
        "What the language does not know is refused rather than passed over. Beside its op a "
        "statement holds `id`, `from`, `repeat`, `when` and `doc`; attributes of the op go inside.",
        spec("- conv: {out: 8, kernel: 3}\n  stride: 2"),
        spec("- conv: {out: 8, kernel: 3, stride: 2}"),
    ),
    "conflicting-keys": Code(
        "two keys exclude each other",
        "A block has a `sequence`, whose members are numbered, or a `graph`, whose members are "
        "named, and not both.",
        spec(
            "- unit",
            head="""
            blocks:
              unit:
                sequence: [relu]
                graph: [relu]
            """,
        ),
        spec(
            "- unit",
            head="""
            blocks:
              unit:
                sequence: [relu]
            """,
        ),
    ),
    "unknown-attribute": Code(
        "the op has no such attribute",
        "`graphcnn ops NAME` lists an op's attributes. A misspelt one would otherwise leave its "
        "default in place without a word.",
        spec("- conv: {out: 8, kernel: 3, paddin: 1}"),
        spec("- conv: {out: 8, kernel: 3, padding: 1}"),
    ),
    "missing-attribute": Code(
        "the op needs an attribute",
        "Attributes without a default must be given, by the statement or by `defaults` of the "
        "file.",
        spec("- conv: {kernel: 3}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "conflicting-attributes": Code(
        "two attributes exclude each other",
        "Each of the two decides the same thing, or one means nothing where the other has this "
        "value. Leave one out.",
        spec("- upsample: {factor: 2, size: 64}"),
        spec("- upsample: {factor: 2}"),
    ),
    "unknown-parameter": Code(
        "there is no such parameter",
        "A use of a block gives values for the parameters that the block declares, a variant for "
        "those of the file, and an import for those of the file that it names.",
        spec(
            "- conv: {out: $width, kernel: 3}",
            head="""
            parameters: {width: 8}
            variants: {large: {widht: 16}}
            """,
        ),
        spec(
            "- conv: {out: $width, kernel: 3}",
            head="""
            parameters: {width: 8}
            variants: {large: {width: 16}}
            """,
        ),
    ),
    "missing-parameter": Code(
        "a parameter has no value",
        "A parameter that is declared with a type alone (`out: int`) must be given a value: by "
        "each use of a block, by each variant of a file, or by each import of it.",
        spec(
            "- unit: {stride: 2}",
            head="""
            blocks:
              unit:
                parameters: {out: int, stride: 1}
                graph:
                  - conv: {out: $out, kernel: 3, stride: $stride}
            """,
        ),
        spec(
            "- unit: {out: 8, stride: 2}",
            head="""
            blocks:
              unit:
                parameters: {out: int, stride: 1}
                graph:
                  - conv: {out: $out, kernel: 3, stride: $stride}
            """,
        ),
    ),
    "unknown-variant": Code(
        "there is no such variant",
        "Under `expect` stand figures that hold for every variant, or the names of variants with "
        "figures of their own.",
        spec(
            "- conv: {out: $width, kernel: 3}",
            head="""
            parameters: {width: 8}
            variants: {small: {}, large: {width: 16}}
            expect: {smal: {params: 224}}
            """,
        ),
        spec(
            "- conv: {out: $width, kernel: 3}",
            head="""
            parameters: {width: 8}
            variants: {small: {}, large: {width: 16}}
            expect: {small: {params: 224}}
            """,
        ),
    ),
    "unknown-layer": Code(
        "there is no such layer",
        "Under `layers` of `init` stand layers by their full names, as `graphcnn summary` shows "
        "them. No variant of the spec has one of this name.",
        spec("- {linear: 10, id: head}", image="[8]")
        + "init:\n  layers:\n    haed: {weight: zeros}\n",
        spec("- {linear: 10, id: head}", image="[8]")
        + "init:\n  layers:\n    head: {weight: zeros}\n",
    ),
    "unsupported-version": Code(
        "the spec is of a version that this compiler does not know",
        "`graphcnn:` gives the version of the language. A later one needs a later graphcnn.",
        spec("- relu").replace("graphcnn: 1", "graphcnn: 2"),
        spec("- relu"),
    ),
    "unknown-op": Code(
        "there is no op or block of this name",
        "A statement names an op of the language (`graphcnn ops` lists them), a block or an op "
        "that the file declares, or one that it imports.",
        spec("- convv: {out: 8, kernel: 3}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "no-op": Code(
        "a statement does nothing",
        "It names no op and no block, or one that needs contents and has none.",
        spec("- {id: first}"),
        spec("- {relu: {}, id: first}"),
    ),
    "several-ops": Code(
        "a statement has two ops",
        "Each statement is one op; the next begins with `- ` on a line of its own.",
        spec(
            """
            - conv: {out: 8, kernel: 3}
              relu: {}
            """
        ),
        spec(
            """
            - conv: {out: 8, kernel: 3}
            - relu
            """
        ),
    ),
    "duplicate-name": Code(
        "one name stands for two things",
        "Parameters, inputs and `let` of a block or file share their names, and the blocks and ops "
        "of all imports share theirs. Rename one of the two, or import the one that is meant.",
        spec(
            "- conv: {out: $width, kernel: 3}",
            head="""
            parameters: {width: 8}
            let: {width: 16}
            """,
        ),
        spec(
            "- conv: {out: $twice, kernel: 3}",
            head="""
            parameters: {width: 8}
            let: {twice: $(2 * width)}
            """,
        ),
    ),
    "shadowed-op": Code(
        "a block or op takes the name of an op",
        "Nobody could tell which of the two a statement means. Choose another name.",
        spec(
            "- relu",
            head="""
            blocks:
              relu:
                graph: [{leaky_relu: 0}]
            """,
        ),
        spec(
            "- my_relu",
            head="""
            blocks:
              my_relu:
                graph: [{leaky_relu: 0}]
            """,
        ),
    ),
    "import-not-found": Code(
        "there is no file to import",
        "Imports are looked for beside the file that asks for them, then among the specs that come "
        "with graphcnn.",
        spec("- relu", head="imports: [lib/no_such_file.yaml]"),
        spec("- relu"),
    ),
    "import-outside": Code(
        "an import leaves the folders that it may read",
        "A spec may come from a stranger, so it imports from its own folder and those below, and "
        "from the specs that come with graphcnn. Links are followed first.",
        spec("- relu", head="imports: [../../secret.yaml]"),
        spec("- relu"),
    ),
    "import-cycle": Code(
        "files import each other in a circle",
        "A file cannot import itself, directly or by way of others. Move what both need into a "
        "third.",
        spec("- relu", head="imports: [net.yaml]"),
        spec("- relu"),
    ),
}
