"""Tests of nn: modules, layers, optimizers, data and training."""
