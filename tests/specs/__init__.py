"""Tests of the shipped specs against what others measured and published."""
