"""A fresh story for each test of the overlay's logic."""

import pytest
from watched import Watched


@pytest.fixture
def story() -> Watched:
    return Watched()
