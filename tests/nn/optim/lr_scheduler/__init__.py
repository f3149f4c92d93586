"""Tests of the schedules of the learning rate."""
