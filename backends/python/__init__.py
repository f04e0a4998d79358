"""What backends that emit Python have in common: code as trees, and one text for many uses."""
