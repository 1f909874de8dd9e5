"""Selection by keys: from one thing on the canvas to the next, and to its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from nepi_gui.canvas.selection import Key
from nepi_gui.document.arranging import Way, nearest_to, next_in, reading_order
from nepi_gui.document.spacing import Place
from nepi_gui.window.canvas_keys import keep_on_canvas
from nepi_gui.window.commands import Command
from nepi_gui.window.feature import Feature

_ARROWS = {Way.LEFT: "Ctrl+Left", Way.RIGHT: "Ctrl+Right", Way.UP: "Ctrl+Up", Way.DOWN: "Ctrl+Down"}


class WalkingFeature(Feature):
    """Selects without a mouse."""

    def commands(self) -> Iterable[Command]:
        """Yield the commands of the menu Edit that select."""
        menu = self.tr("&Edit") + "/" + self.tr("&Select")
        texts = (
            self.tr("Next to the &left"),
            self.tr("Next to the &right"),
            self.tr("Next a&bove"),
            self.tr("Next belo&w"),
        )
        walk_help = self.tr("Select the nearest node in this direction.")
        for (way, key), text in zip(_ARROWS.items(), texts, strict=True):
            yield Command(f"select.{way}", text, partial(self.walk, way), menu, (key,), walk_help)
        next_help = self.tr("Select what comes next as one reads; beyond the last the keyboard leaves the canvas.")
        yield Command("select.next", self.tr("&Next"), partial(self.step, 1), menu, ("Tab",), next_help, separated=True)
        back_help = self.tr("Select what comes before as one reads; before the first the keyboard leaves the canvas.")
        yield Command("select.previous", self.tr("&Previous"), partial(self.step, -1), menu, ("Shift+Tab",), back_help)
        yield Command(
            "select.neighbours",
            self.tr("Add n&eighbours"),
            self.add_neighbours,
            menu,
            ("Ctrl+Shift+B",),
            self.tr("Select also what is joined to what is selected, and the links between."),
            enabled=self.selection.__bool__,
            separated=True,
        )
        yield Command(
            "select.part",
            self.tr("Add &all that is joined"),
            self.add_part,
            menu,
            ("Ctrl+Alt+E",),
            self.tr("Select everything that can be reached over links from what is selected."),
            enabled=self.selection.__bool__,
        )

    def opened(self) -> None:
        """Leave these keys to forms and lists where these have the keyboard."""
        keep_on_canvas(self.window, [*(f"select.{way}" for way in Way), "select.next", "select.previous"])

    # -- steps over the canvas -----------------------------------------------------------------------------

    def walk(self, way: Way) -> None:
        """Select the nearest node in a direction; the one in the middle of the view when nothing is selected."""
        places = self._places()
        origin = self._origin()
        found = nearest_to(self._middle(), places) if origin is None else next_in(way, origin, places)
        if found is not None:
            self.editor.reveal(found)

    def _places(self) -> dict[Key, Place]:
        return {guid: (item.x(), item.y()) for guid, item in self.window.scene.nodes.items()}

    def _middle(self) -> Place:
        centre = self.window.view.shown().center()
        return centre.x(), centre.y()

    def _origin(self) -> Place | None:
        """Return where to go from: the middle of what is selected."""
        places = [self.window.scene.centre(key) for key in self.selection.keys]
        if not places:
            return None
        return sum(each.x() for each in places) / len(places), sum(each.y() for each in places) / len(places)

    def step(self, way: int) -> None:
        """Select what comes next or before, in the order of reading."""
        order = list(self._order())
        selected = [number for number, key in enumerate(order) if key in self.selection]
        number = (selected[-1] if way > 0 else selected[0]) + way if selected else (0 if way > 0 else len(order) - 1)
        if 0 <= number < len(order):
            self.editor.reveal(order[number])
        elif way > 0:
            self.window.view.focusNextChild()
        else:
            self.window.view.focusPreviousChild()

    def _order(self) -> Iterator[Key]:
        """Yield nodes as one reads, each with its badges and then the links that lead on from it."""
        scene = self.window.scene
        seen: set[Key] = set()
        for guid in reading_order(self._places()):
            yield guid
            yield from scene.structure.attached.get(guid, ())
            for link in sorted(line.key[0] for line in scene.lines.at(guid) if line.is_link):
                if link not in seen:
                    seen.add(link)
                    yield link
                    yield from scene.structure.attached.get(link, ())

    # -- neighbours ----------------------------------------------------------------------------------------

    def add_neighbours(self) -> None:
        """Select also what is joined to what is selected."""
        self.selection.add(self._neighbours(self.selection.guids))

    def add_part(self) -> None:
        """Select also everything that can be reached from what is selected."""
        found, new = set(self.selection.guids), set(self.selection.guids)
        while new:
            new = self._neighbours(new) - found
            found |= new
        self.selection.add(found)

    def _neighbours(self, guids: Iterable[int]) -> set[Key]:
        scene = self.window.scene
        found: set[Key] = set()
        for guid in guids:
            found.update(scene.structure.joined.get(guid, ()))
            found.add(scene.structure.hosts.get(guid, guid))
            for line in scene.lines.at(guid):
                found.update((*line.ends, *((line.key[0],) if line.is_link else ())))
        return found
