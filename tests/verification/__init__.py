"""Tests of `graphcnn verify`, and the proof that it gives for shipped and random specs."""
