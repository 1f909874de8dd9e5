"""What holds for every test: it leaves nothing behind, and it logs no error that it did not expect."""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Callable, Generator, Iterator

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import hypothesis
import pytest

from tests import leftovers

# No deadlines: tests never assert times, and a busy machine is no failure. In CI the examples are the same each time,
# so that a change is judged by what it changes; everywhere else hypothesis goes on looking.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

# Qt's own threads, which paint, come with the first window and stay.
_QT_KEEPS = ("anon_inode:[eventfd]",)

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on the test whether it failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_strays() -> Iterator[None]:
    """Fail the session when a process that a test started, however indirectly, still runs at its end."""
    mark = uuid.uuid4().hex
    os.environ[leftovers.SESSION_MARK] = mark
    yield
    strays = [leftovers.describe(pid) for pid in leftovers.strays(mark, leftovers.GRACE)]
    assert not strays, f"Some test left processes that are no children any more: {strays}"


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves threads, child processes or open files; one that failed anyway only gets cleaned up."""
    kept: tuple[str, ...] = ()
    if "qapp" in request.fixturenames:
        request.getfixturevalue("qapp")  # what it opens stays open until the end of the process
        kept = _QT_KEEPS
    before = leftovers.snapshot()
    yield
    left = leftovers.left_behind(before, leftovers.GRACE, kept)
    if left and not request.node.stash.get(_FAILED, False):
        pytest.fail("This test left behind: " + "; ".join(left), pytrace=False)


class _ErrorLog(logging.Handler):
    """Collects the errors that the program logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message of a record."""
        self.lines.append(f"{record.name}: {record.getMessage()}")

    def unexpected(self) -> list[str]:
        """Return the lines that no expected pattern matches."""
        return [line for line in self.lines if not any(re.search(pattern, line) for pattern in self.expected)]

    def absent(self) -> list[str]:
        """Return the expected patterns that no line matches."""
        return [pattern for pattern in self.expected if not any(re.search(pattern, line) for line in self.lines)]


@pytest.fixture(autouse=True)
def _error_log(request: pytest.FixtureRequest, _nothing_left_behind: None) -> Iterator[_ErrorLog]:
    """Fail a test during which the program logs an error that the test did not announce with `expect_log`."""
    handler = _ErrorLog()
    logger = logging.getLogger("nepi")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    if request.node.stash.get(_FAILED, False):
        return
    if lines := handler.unexpected():
        pytest.fail(f"Errors were logged that no expect_log(pattern) announces: {lines}", pytrace=False)
    if patterns := handler.absent():
        pytest.fail(f"Expected in the log, but not there: {patterns}; logged was {handler.lines}", pytrace=False)


@pytest.fixture
def expect_log(_error_log: _ErrorLog) -> Callable[[str], None]:
    """Return a function that announces an error in the log: a regular expression that ``logger: message`` contains.

    It may come several times, and must come at least once before the test is over.
    """
    return _error_log.expected.append
