"""Tests of `viz.layout`, file for file."""
