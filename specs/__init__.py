"""The model zoo: one file per family, shared blocks in `lib/`."""
