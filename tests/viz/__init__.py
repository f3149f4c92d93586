"""Tests of drawing and of the command line."""
