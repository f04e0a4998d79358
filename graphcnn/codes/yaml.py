"""Codes of files that are no YAML, or use what a spec may not."""

from __future__ import annotations

from graphcnn.codes.code import Code, block, spec

CODES: dict[str, Code] = {
    "yaml-syntax": Code(
        "the file is not YAML",
        "A bracket or a quotation is not closed, a line is indented like nothing above it, a tab "
        "stands where spaces must. The message says what the reader stumbled over, which may lie a "
        "little behind the mistake itself.",
        spec("- conv: {out: 8, kernel: 3\n"),
        spec("- conv: {out: 8, kernel: 3}\n"),
    ),
    "empty-file": Code(
        "the file holds nothing",
        "There is no text in it, or nothing but comments. `graphcnn new NAME` writes a spec to "
        "start from.",
        "# nothing yet\n",
        spec("- flatten"),
    ),
    "not-utf8": Code(
        "the file is not UTF-8 text",
        "A spec is UTF-8. Editors call it the encoding of the file; a file in UTF-16 or Latin-1 is "
        "saved anew as UTF-8.",
    ),
    "duplicate-key": Code(
        "a mapping has one key twice",
        "YAML readers often keep the last of the two without a word; here it is an error, since "
        "one of them was meant to be something else.",
        spec("- conv: {out: 8, kernel: 3, out: 16}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "bad-key": Code(
        "a key is not text, or runs into its value",
        "Keys are text: numbers, `true`, `null` and collections are not, unless they are quoted. A "
        "space must follow the colon after a key, as `{out:8}` is one key that says `out:8`.",
        spec("- conv: {out:8, kernel: 3}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "bad-number": Code(
        "a number is out of range",
        "Integers, and what expressions compute, lie between -2^63 and 2^63, and floats must be "
        "finite. Infinity and not-a-number have no use in a spec.",
        spec("- leaky_relu: 1e999"),
        spec("- leaky_relu: 0.1"),
    ),
    "misaligned-item": Code(
        "a `-` begins no item",
        "The line is indented more deeply than the text above it, so YAML takes it for more of "
        "that text, `-` and all.",
        spec("- relu\n    - flatten"),
        spec("- relu\n- flatten"),
    ),
    "cut-expression": Code(
        "an expression is cut off by YAML",
        "Inside `{…}` and `[…]` a comma or a bracket ends a value, also in the middle of an "
        "expression. Quote the expression.",
        spec("- conv: {out: $(max(4, 8)), kernel: 3}"),
        spec('- conv: {out: "$(max(4, 8))", kernel: 3}'),
    ),
    "merge-key": Code(
        "`<<` merges nothing",
        "Merge keys belong to YAML 1.1 and are gone from YAML 1.2. What several places share is a "
        "block, a parameter or an entry of `defaults`.",
        spec(
            """
            - conv: &same {out: 8, kernel: 3}
            - conv: {<<: *same}
            """
        ),
        spec(
            """
            - conv: &same {out: 8, kernel: 3}
            - conv: *same
            """
        ),
    ),
    "yaml-tag": Code(
        "a value has a tag",
        "Tags such as `!!python/object` tell other programs to make objects of values. A spec has "
        "no use for them.",
        spec("- conv: {out: !!int 8, kernel: 3}"),
        spec("- conv: {out: 8, kernel: 3}"),
    ),
    "many-documents": Code(
        "the file holds more than one document",
        "After `---` or `...` a new document begins, and a spec is one. Put each into its own "
        "file.",
        spec("- flatten") + "---\n" + spec("- relu"),
        spec("- flatten"),
    ),
    "alias-cycle": Code(
        "an alias lies within what it stands for",
        "`*name` stands for the whole value marked `&name`, which cannot contain itself. A block "
        "may use itself, where `when` ends it.",
        spec(
            """
            - sequence: &again
                - conv: 3
                - sequence: *again
            """
        ),
        spec(
            """
            - sequence: &again
                - conv: 3
            - sequence: *again
            """
        ),
    ),
    "alias-bomb": Code(
        "aliases expand to more than can be looked at",
        "Each of a few lines of aliases can stand for ten of the line before it, and the last for "
        "more values than there is memory. `repeat` and blocks are how a spec says things often.",
        block(
            """
            graphcnn: 1
            name: net
            parameters:
              a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
              b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
              c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
              d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
              e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
              f: [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
            inputs: {image: [3, 32, 32]}
            graph: [relu]
            """
        ),
        block(
            """
            graphcnn: 1
            name: net
            parameters:
              a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
              b: [*a, *a]
            inputs: {image: [3, 32, 32]}
            graph: [{conv: $(sum(a))}, {conv: "$(sum(b[0]))"}]
            """
        ),
    ),
}
