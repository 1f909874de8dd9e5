"""What a failure means for the whole experiment."""

from __future__ import annotations

import weakref
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nepi_core.controller import ExperimentController


class FailureLevel(IntEnum):
    """How far an experiment has failed."""

    OK = 1
    RM_FAILURE = 2
    """A critical resource FAILED."""
    EC_FAILURE = 3
    """The controller itself failed."""


class FailureManager:
    """Decides whether an experiment goes on after a failure; replaceable by the user's own."""

    def __init__(self) -> None:
        self._controller: weakref.ref[ExperimentController] | None = None
        self._level = FailureLevel.OK

    def set_ec(self, ec: ExperimentController) -> None:
        """Attach the controller; it calls this itself."""
        self._controller = weakref.ref(ec)

    @property
    def ec(self) -> ExperimentController | None:
        """The controller, or None when there is none (any more)."""
        return self._controller() if self._controller else None

    @property
    def failure_level(self) -> FailureLevel:
        """How far the experiment has failed."""
        return self._level

    @property
    def abort(self) -> bool:
        """Whether the experiment is to be given up."""
        return self._level is not FailureLevel.OK

    def eval_failure(self, guid: int) -> None:
        """Judge the failure of a resource: that of a critical one gives the experiment up.

        Called once for each resource that FAILED; must return soon, and must not wait for resources.
        """
        if self.ec is not None and self.ec.get_resource(guid).is_critical:
            self.set_rm_failure()

    def set_rm_failure(self) -> None:
        """Give the experiment up because of a resource."""
        self._raise_level(FailureLevel.RM_FAILURE)

    def set_ec_failure(self) -> None:
        """Give the experiment up because of the controller."""
        self._raise_level(FailureLevel.EC_FAILURE)

    def _raise_level(self, level: FailureLevel) -> None:
        self._level = max(self._level, level)
        if self.ec is not None:
            self.ec.look_at_waits()
