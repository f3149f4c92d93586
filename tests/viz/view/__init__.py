"""Tests of the package that turns a graph into boxes and wires."""
