"""Tests of the operations, one file for each of `autograd/ops`."""
