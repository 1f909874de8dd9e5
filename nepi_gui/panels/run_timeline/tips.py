"""What the time line of a run says about what is under the mouse."""

from __future__ import annotations

from nepi_core.lifecycle import StateChange
from nepi_gui.document.sentences import sentence
from nepi_gui.panels.run_timeline.arrows import Arrow, arrows_of
from nepi_gui.panels.run_timeline.marks import Mark
from nepi_gui.panels.run_timeline.scale import axis_text, clock_text, length_text
from nepi_gui.panels.run_timeline.story import Story
from nepi_gui.translation import translate

_LONGEST_CAUSE = 600  # characters
_MOST_CONDITIONS = 6


def resource_tip(story: Story, guid: int, change: StateChange | None) -> str:
    """Return what is to be known of a resource, and of the change that led to the state under the mouse."""
    lines = [_who(story, guid)]
    if change is not None:
        lines.append(_state(story, change))
        if change.cause:
            lines.append(_shortened(change.cause))
    lines.extend(_waits(story, guid))
    return "\n".join(lines)


def mark_tip(story: Story, mark: Mark) -> str:
    """Return which attribute was set to what."""
    moment = _moment(story, mark.time)
    if mark.problem:
        text = translate("RunTimeline", "{0} is not set to {1} at {2}, as planned: {3}")
        line = text.format(mark.name, mark.value, moment, _shortened(mark.problem))
    elif mark.is_planned:
        line = translate("RunTimeline", "{0} is {1} from {2} on, as planned").format(mark.name, mark.value, moment)
    else:
        line = translate("RunTimeline", "{0} is {1} from {2} on, set by hand").format(mark.name, mark.value, moment)
    return f"{_who(story, mark.guid)}\n{line}"


def _who(story: Story, guid: int) -> str:
    name, rtype = story.cast.names.get(guid, f"#{guid}"), story.cast.rtypes.get(guid, "")
    return f"{name} ({rtype})" if rtype else name


def _moment(story: Story, time: float) -> str:
    since = axis_text(time - story.run.span[0], 0.001)
    return f"{since} ({clock_text(time)})"


def _state(story: Story, change: StateChange) -> str:
    own = story.run.lives.of(change.guid)
    following = next((each for each in own[own.index(change) + 1 :]), None)
    until = following.time if following else story.run.newest
    goes_on = following is None and story.run.is_live
    text = (
        translate("RunTimeline", "{0} since {1}, for {2} so far")
        if goes_on
        else translate("RunTimeline", "{0} since {1}, for {2}")
    )
    return text.format(change.new.name, _moment(story, change.time), length_text(until - change.time))


def _waits(story: Story, guid: int) -> list[str]:
    """Return the conditions of a resource, and when they came true."""
    description = story.run.description
    resource = description.resources.get(guid)
    found = {arrow.key: arrow for arrow in arrows_of(description, story.run.lives, [guid], True) if arrow.is_last}
    lines = []
    for index in range(min(len(resource.conditions) if resource else 0, _MOST_CONDITIONS)):
        arrow = found.get((guid, index))
        lines.append(f"• {sentence(description, (guid, index))}{_fulfilled(story, arrow)}")
    return lines


def _fulfilled(story: Story, arrow: Arrow | None) -> str:
    if arrow is None:
        return ""
    due, late = axis_text(arrow.due - story.run.span[0], 0.001), length_text(max(arrow.ends - arrow.due, 0.0))
    return translate("RunTimeline", ": due at {0}, done {1} later").format(due, late)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CAUSE else f"{text[:_LONGEST_CAUSE]} …"
