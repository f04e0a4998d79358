"""The tests; what several of them need lies in `reference` and in `conftest`."""
