"""Tests of graphgrad; they mirror the packages, file for file."""
