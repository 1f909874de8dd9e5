"""Parsers: what they read from good lines, and that they survive all others."""

from __future__ import annotations

import functools
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nepi_core.errors import AttributeValueError
from nepi_core.series import CsvParser, Found, JsonLinesParser, LineParser, RegexParser, make_parser

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def parse(parser: LineParser, *lines: str) -> list[Found]:
    return [found for line in lines for found in parser(line)]


class TestRegexParser:
    def test_named_groups_are_series(self) -> None:
        parser = RegexParser(r"icmp_seq=(?P<sequence>\d+) .*time=(?P<rtt>[0-9.]+) ms")
        line = "64 bytes from 127.0.0.1: icmp_seq=3 ttl=64 time=0.045 ms"
        assert parse(parser, line, "nothing here") == [("sequence", 3.0), ("rtt", 0.045)]

    def test_a_group_that_is_no_number_is_left_out(self) -> None:
        parser = RegexParser(r"(?P<name>\w+)=(?P<value>\S+)(?P<absent>!)?")
        assert parse(parser, "load=0.5", "load=high", "load=nan", "load=inf") == [("value", 0.5)]

    @pytest.mark.parametrize("pattern", ["(", "(?P<1>a)", "a{2,1}"])
    def test_a_bad_pattern_is_refused(self, pattern: str) -> None:
        with pytest.raises(AttributeValueError, match="is no regular expression"):
            RegexParser(pattern)

    def test_a_pattern_without_names_is_refused(self) -> None:
        with pytest.raises(AttributeValueError, match="names no series"):
            RegexParser(r"rtt=(\d+)")

    def test_only_the_beginning_of_a_long_line_is_searched(self) -> None:
        assert parse(RegexParser(r"(?P<x>\d)$"), "a" * 5000 + "1") == []

    @given(st.text())
    def test_any_line_is_survived(self, line: str) -> None:
        assert all(math.isfinite(found[1]) for found in parse(RegexParser(r"(?P<any>\S+)"), line))


class TestCsvParser:
    def test_a_header_names_the_series(self) -> None:
        assert parse(CsvParser(), "rtt, loss", "1.5, 0", "2.5,x") == [("rtt", 1.5), ("loss", 0.0), ("rtt", 2.5)]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_the_delimiter_is_found_out(self, delimiter: str) -> None:
        lines = [delimiter.join(cells) for cells in (("a", "b"), ("1", "2"))]
        assert parse(CsvParser(), *lines) == [("a", 1.0), ("b", 2.0)]

    def test_a_given_delimiter_is_used(self) -> None:
        assert parse(CsvParser("|"), "a|b", "1|2") == [("a", 1.0), ("b", 2.0)]

    def test_without_a_header_columns_are_numbered(self) -> None:
        assert parse(CsvParser(), "1;2", "3;4") == [
            ("column1", 1.0),
            ("column2", 2.0),
            ("column1", 3.0),
            ("column2", 4.0),
        ]

    def test_names_that_are_missing_or_taken_are_numbered(self) -> None:
        assert parse(CsvParser(), "a,,a", "1,2,3") == [("a", 1.0), ("column2", 2.0), ("column3", 3.0)]

    def test_a_time_column_gives_the_time(self) -> None:
        assert parse(CsvParser(), "Time,rtt", "1700000000.5,3") == [("rtt", 3.0, 1700000000.5)]

    def test_seconds_since_a_start_are_an_ordinary_series(self) -> None:
        assert parse(CsvParser(), "time,rtt", "0.5,3") == [("time", 0.5), ("rtt", 3.0)]

    def test_remarks_and_empty_lines_give_nothing(self) -> None:
        lines = ["", "# made by a program", "\ufeff# a,b", "1,2", "# 3,4", "", '"5', "6"]
        assert parse(CsvParser(), *lines) == [("a", 1.0), ("b", 2.0), ("a", 5.0), ("a", 6.0)]

    @pytest.mark.parametrize("delimiter", [", ", "\n", '"'])
    def test_a_delimiter_that_cannot_be_is_refused(self, delimiter: str) -> None:
        with pytest.raises(AttributeValueError, match="cannot part columns"):
            CsvParser(delimiter)

    @given(st.lists(st.text() | st.lists(st.floats().map(str), min_size=1).map(",".join)))
    def test_any_lines_are_survived(self, lines: list[str]) -> None:
        assert all(math.isfinite(found[1]) for found in parse(CsvParser(), *lines))


class TestJsonLinesParser:
    def test_paths_lead_to_numbers(self) -> None:
        parser = JsonLinesParser({"rate": "end.sum.rate", "first": "streams.0.rtt", "text": "end.text"})
        line = json.dumps({"end": {"sum": {"rate": 10}, "text": "5.5"}, "streams": [{"rtt": 0.25}]})
        assert parse(parser, line) == [("rate", 10.0), ("first", 0.25), ("text", 5.5)]

    def test_what_is_not_there_gives_nothing(self) -> None:
        parser = JsonLinesParser({"a": "x.0.y", "b": "x.9", "c": "flag"})
        assert parse(parser, '{"x": [1], "flag": true}', '{"x": 3}', "[]", "no JSON", "[" * 60_000, "9" * 5000) == []

    @given(ANY_JSON)
    def test_any_json_is_survived(self, content: object) -> None:
        parse(JsonLinesParser({"a": "a.0", "b": "0"}), json.dumps(content), json.dumps({"a": content}))

    @given(st.text())
    def test_any_line_is_survived(self, line: str) -> None:
        parse(JsonLinesParser({"a": "a"}), line)


class TestMakeParser:
    def test_a_class_is_made_anew(self) -> None:
        assert make_parser(CsvParser) is not make_parser(CsvParser)

    def test_a_parser_with_memory_is_asked_for_a_fresh_one(self) -> None:
        declared = CsvParser(";")
        parse(declared, "a;b")
        assert parse(make_parser(declared), "1;2") == [("column1", 1.0), ("column2", 2.0)]

    def test_a_function_is_used_as_it_is(self) -> None:
        def parser(line: str) -> list[Found]:
            return [("length", float(len(line)))]

        assert make_parser(parser) is parser
        partial = functools.partial(parser)
        assert make_parser(partial) is partial

    def test_what_cannot_be_called_is_refused(self) -> None:
        with pytest.raises(AttributeValueError, match="is no parser"):
            make_parser(7)  # type: ignore[arg-type]
