"""What nn.data raises when a file is not what it should be, or not there.

Both are also the built-in exceptions a reader would expect, so `except ValueError` and
`except FileNotFoundError` catch them.
"""

from __future__ import annotations

__all__ = ["DataError", "MissingDataError"]


class DataError(ValueError):
    """A file whose content is wrong: corrupt, truncated, mislabelled. The message names the file
    and the fault."""


class MissingDataError(DataError, FileNotFoundError):
    """Files that were found nowhere, or could not be downloaded. The message names them, the places
    tried, and where to put them."""
