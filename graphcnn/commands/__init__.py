"""What each command of `graphcnn` does, as functions that know nothing of the command line."""
