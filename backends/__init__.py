"""What a graph is lowered to: one package per target, found by entry point."""
