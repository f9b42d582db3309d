"""The price file: AWS's on-demand prices of one region, and what waiting and care are worth."""

from __future__ import annotations

import json
from importlib.resources import files

from migrator.model.settings import Prices


def default_prices() -> Prices:
    """The prices that the package ships (us-east-1, DynamoDB pricing page)."""
    return Prices(**json.loads(files("migrator.design").joinpath("prices.json").read_text(encoding="utf-8")))
