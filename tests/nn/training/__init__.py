"""Tests of nn.training."""
