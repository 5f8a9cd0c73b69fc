# SPDX-License-Identifier: Apache-2.0
"""What the comparisons of renders share: how templates refuse, and the fastest of several runs."""
import time


def raise_exception(message):
    raise ValueError(message)


def fastest(render, passes):
    """Microseconds of the fastest of so many renders."""
    best = float("inf")
    for _ in range(passes):
        start = time.perf_counter()
        render()
        best = min(best, time.perf_counter() - start)
    return best * 1e6
