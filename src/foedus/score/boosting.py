"""Boosted trees for the probability of an event: a rival that finds bends and interactions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foedus.world.errors import BadInputError

Floats = NDArray[np.float64]
TREES = 150
LEARNING_RATE = 0.06
LEAVES = 6
LEAST_CASES = 50
SHRINKAGE = 1.0
SHARE_OF_TERMS = 0.4


def boosted_probability(terms: Floats, outcome: Floats, ahead: Floats, *, seed: int) -> Floats:
    """Fit boosted trees on past cases and give the probability of new ones.

    A missing term is nan and stays so: each split learns which way a missing value goes.

    Args:
        terms: Terms of the past cases, shape (case, term).
        outcome: 0 or 1, shape (case,).
        ahead: Terms of the new cases, shape (new case, term).
        seed: Decides which terms each split may look at, and nothing else.

    Raises:
        BadInputError: The library is not installed.

    Source: Friedman, J. H. 2001. Greedy function approximation: a gradient boosting machine. Annals
    of Statistics 29(5): 1189-1232; in the histogram form of scikit-learn.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
    except ImportError as error:
        raise BadInputError(
            f"the library for boosted trees is not installed ({error.name})",
            expected="foedus with its extra `score`",
            where="this installation of foedus",
            hint="pip install 'foedus[score]'",
        ) from error
    never: Any = False  # the library's types know only its default, a word
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_CASES,
        l2_regularization=SHRINKAGE,
        max_features=SHARE_OF_TERMS,
        early_stopping=never,
        random_state=seed,
    )
    model.fit(terms, outcome)
    return model.predict_proba(ahead)[:, 1].astype(np.float64)
