"""Steps that a user takes with what is said of the experiment as a whole: its name, its threads, its folder."""

from __future__ import annotations

from nepi_core.attribute import Attribute, Types
from nepi_core.description import Value
from nepi_gui.document.attributes import Shown, check
from nepi_gui.document.document import Document
from nepi_gui.translation import translate


def experiment_attributes() -> tuple[Attribute, ...]:
    """Return what can be said of an experiment, declared as attributes are, with help in the user's language."""
    return (
        Attribute("exp_id", translate("Experiment", "Name of the experiment and of its folder; else it is made up")),
        Attribute(
            "nthreads",
            translate("Experiment", "How many resources are worked on at the same time; else 20"),
            Types.Integer,
            range=(1, 1000),
        ),
        Attribute("local_dir", translate("Experiment", "Folder where the runs are kept; else the user's")),
    )


def shown_of_experiment(document: Document, attribute: Attribute) -> Shown:
    """Return what is said of the experiment."""
    value = getattr(document.description, attribute.name) or None
    return Shown(value, is_set=value is not None)


def set_of_experiment(document: Document, attribute: Attribute, value: object) -> None:
    """Say something of the experiment; None takes it back.

    Raises:
        NepiError: the value is not allowed; nothing was changed.
    """
    checked = check(attribute, value)
    if attribute.name == "exp_id" and checked:
        from nepi_core.controller import ExperimentController  # 50 ms, which every start of the window would pay

        ExperimentController(exp_id=str(checked), persist=False)  # which knows what names a folder; it does no more
    kept: Value | None = checked if attribute.type is Types.Integer else checked or ""
    text = translate("Steps", "Set {0} to {1}").format(attribute.name, checked)
    if not checked:
        text = translate("Steps", "Clear {0}").format(attribute.name)
    with document.edit(text, ("experiment", attribute.name)) as edit:
        edit.set_part(attribute.name, kept)
