"""No proof is false: random rulesets, each tried with facts that could show it. `hunting.py 1 100000 60` is the long run."""

from __future__ import annotations

import pytest

from properties.hunting import hunt


@pytest.mark.parametrize("seed", [11, 12])
def test_no_proof_is_false(seed: int) -> None:
    answers, false = hunt(seed, 60, 30)
    assert not false
    assert answers["proved"] > 30
    assert answers["refuted"] > 1
