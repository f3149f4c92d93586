"""graphgrad's neural networks: modules, layers and losses, on autograd's public names alone."""

import autograd

# HIPS autograd has the same import name, and whichever comes first on the path wins.
if not hasattr(autograd, "__graphgrad__"):
    raise ImportError(
        f"nn needs graphgrad's autograd, but {getattr(autograd, '__file__', autograd)} was found "
        "first: another package named autograd, such as HIPS autograd. Give graphgrad a virtual "
        "environment of its own: python3 -m venv .venv && .venv/bin/pip install graphgrad"
    )
