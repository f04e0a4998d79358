"""The JSON Schema of a spec file, derived from the table of ops, and checking against it."""

from graphcnn.schema.document import document, text
from graphcnn.schema.validation import Report, check

__all__ = ["Report", "check", "document", "text"]
