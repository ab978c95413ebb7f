from __future__ import annotations

import pytest

from asl.json_text import line_and_column, offset_of, parse_json

TEXT = '{\n  "States": {\n    "a": 1, "a/b [0]": {"Retry": [{}, {"ErrorEquals": []}]}\n  }\n}'


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("", (1, 1)),
        ("/", (1, 1)),
        ("/States", (2, 3)),
        ("/States/a", (3, 5)),
        ("/States/a/b [0]", (3, 13)),
        ("/States/a/b [0]/Retry[1]", (3, 39)),
        ("/States/a/b [0]/Retry[1]/ErrorEquals", (3, 40)),
        ("/States/a/b [0]/Next", (3, 13)),
        ("/States/a/b [0]/Retry[7]", (3, 25)),
        ("/States/ab", (2, 3)),
    ],
)
def test_a_location_is_found_in_the_text_or_the_deepest_part_of_it(location: str, place: tuple[int, int]) -> None:
    assert line_and_column(TEXT, offset_of(parse_json(TEXT), location)) == place
