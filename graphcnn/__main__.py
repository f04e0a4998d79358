"""`python -m graphcnn` is `graphcnn`."""

from graphcnn.cli import main

if __name__ == "__main__":
    main(prog_name="graphcnn")
