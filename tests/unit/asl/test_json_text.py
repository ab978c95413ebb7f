from __future__ import annotations

import pytest

from asl.json_text import line_and_column, offset_of, parse_json

TEXT = '{\n  "States": {\n    "a/b": {"Retry": [{}, {"ErrorEquals": []}]}\n  }\n}'


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("", (1, 1)),
        ("/States", (2, 3)),
        ("/States/a~1b", (3, 5)),
        ("/States/a~1b/Retry/1", (3, 27)),
        ("/States/a~1b/Retry/1/ErrorEquals", (3, 28)),
        ("/States/a~1b/Next", (3, 5)),
        ("/States/a~1b/Retry/7", (3, 13)),
    ],
)
def test_a_pointer_is_found_in_the_text_or_the_deepest_part_of_it(pointer: str, place: tuple[int, int]) -> None:
    assert line_and_column(TEXT, offset_of(parse_json(TEXT), pointer)) == place
