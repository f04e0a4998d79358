"""One layout for specs: `graphcnn fmt`."""

from graphcnn.formatting.format import Unchangeable, format_spec

__all__ = ["Unchangeable", "format_spec"]
