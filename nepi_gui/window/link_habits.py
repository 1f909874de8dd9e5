"""What this user has chosen before when something was linked: menus show that first."""

from __future__ import annotations

from collections.abc import Iterable

from nepi_gui.settings import Settings

_KEPT = "linking/habits"
_DECAY = 0.8  # what an older choice weighs when another one is made
_FORGOTTEN = 0.01


class LinkHabits:
    """Choices of resource types, of which older ones weigh less; remembered from one start to the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def note(self, rtype: str) -> None:
        """Remember that a type was chosen."""
        weights = {each: _DECAY * weight for each, weight in self._weights().items()}
        weights[rtype] = weights.get(rtype, 0.0) + 1.0
        kept = [f"{each} {weight:.4f}" for each, weight in weights.items() if weight > _FORGOTTEN]
        self._settings.keep(_KEPT, kept)

    def ranked(self, rtypes: Iterable[str]) -> list[str]:
        """Return types in the order of their weights, those that were never chosen as they are."""
        weights = self._weights()
        return sorted(rtypes, key=lambda rtype: -weights.get(rtype, 0.0))

    def _weights(self) -> dict[str, float]:
        weights: dict[str, float] = {}
        for entry in self._settings.texts(_KEPT):
            rtype, _, weight = entry.rpartition(" ")
            try:
                weights[rtype] = float(weight)
            except ValueError:
                continue  # the file was edited by hand: that habit begins anew
        return weights
