"""compile, fit, evaluate and predict: being written."""


class Compiled:
    """The part of Module that trains it."""
