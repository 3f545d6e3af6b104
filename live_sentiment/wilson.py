"""How sure a share is that was counted on few: Wilson's interval.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
Statistical Association 22 (1927), pages 209 to 212. Unlike the textbook's interval it stays within 0 and 1 and says
something sensible of 0 out of 3.
"""

from math import sqrt

Z_95 = 1.959963984540054
"""Standard deviations on either side that hold 95 % of a normal distribution."""


def wilson(hits: int, tries: int, z: float = Z_95) -> tuple[float, float]:
    """Between which shares (0 to 1) the true one lies, when ``hits`` of at least one ``tries`` were counted."""
    share, weight = hits / tries, z * z / tries
    middle = (share + weight / 2) / (1 + weight)
    reach = z * sqrt(share * (1 - share) / tries + weight / (4 * tries)) / (1 + weight)
    return max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach))
