"""The onnx package's tests of operators as an oracle that nobody here wrote.

Each case holds one operator, its inputs, and what numpy makes of them. ``cases`` collects them and
poses as a spec each that the op table can express, ``exported`` the models that PyTorch made of
single layers; ``table`` says which operators those are and why the others are not; ``page`` writes
docs/onnx-node-tests.md.
"""
