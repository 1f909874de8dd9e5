"""Copies of an experiment whose resource managers can be asked what is possible, without deploying anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nepi_core.description import ExperimentDescription
from nepi_core.loading import examine

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController


def make_shadow(description: ExperimentDescription) -> ExperimentController:
    """Return a controller with a copy of an experiment, as far as that makes sense.

    It has neither threads nor files as long as it deploys nothing, so there is nothing to shut down.
    """
    from nepi_core.controller import ExperimentController  # 50 ms, which every start of the window would pay

    shadow = ExperimentController(persist=False)
    examine(shadow, description.copy())
    return shadow
