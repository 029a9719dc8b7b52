from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.gitlab_ci.expressions import ExpressionError, holds

VARIABLES = {"A": "one", "B": "two", "EMPTY": "", "SAME": "one"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('$A == "one"', True),
        ("$A == 'two'", False),
        ("${A} != $B", True),
        ("$A == $SAME", True),
        ("$A", True),
        ("$EMPTY", False),
        ("$UNSET", False),
        ("$UNSET == null", True),
        ("$EMPTY == null", False),
        ("$UNSET == $UNSET_TOO", True),
        ("$A =~ /^ON/i", True),
        ("$A =~ /^ON/", False),
        ("$A !~ /two|three/", True),
        ("$UNSET =~ /a/", False),
        ("$UNSET || $A && $EMPTY", False),
        ("$A || $UNSET && $EMPTY", True),
        ("($A || $UNSET) && $EMPTY", False),
        ("\n  $A &&\n  $B\n", True),
    ],
)
def test_a_condition(expression: str, expected: bool) -> None:
    assert holds(expression, VARIABLES) is expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("$A ==", "a value is missing at the end"),
        ("$A = 'one'", "is not understood"),
        ("($A", "a bracket is not closed"),
        ("$A $B", "stands where nothing may follow"),
        ("$A == /one/", "write =~"),
        ("$A =~ 'one'", "is not a pattern"),
        ("", "a value is missing at the end"),
        ("&& $A", "a value is missing before '&&'"),
    ],
)
def test_what_gitlab_would_not_take(expression: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        holds(expression, VARIABLES)


Tree = tuple[str, bool]
LEAVES = st.sampled_from([("$A", True), ("$UNSET", False), ('$A == "two"', False), ("$B =~ /w/", True)])


def joined(sign: str, both: Callable[[bool, bool], bool]) -> Callable[[tuple[Tree, Tree]], Tree]:
    return lambda pair: (f"({pair[0][0]}) {sign} ({pair[1][0]})", both(pair[0][1], pair[1][1]))


def larger(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pairs = st.tuples(inner, inner)
    return pairs.map(joined("&&", lambda a, b: a and b)) | pairs.map(joined("||", lambda a, b: a or b))


@given(st.recursive(LEAVES, larger, max_leaves=12))
def test_any_nesting_of_conditions(tree: Tree) -> None:
    expression, expected = tree
    assert holds(expression, VARIABLES) is expected


@given(st.lists(st.lists(LEAVES, min_size=1, max_size=4), min_size=1, max_size=4))
def test_and_binds_closer_than_or(rows: list[list[Tree]]) -> None:
    expression = " || ".join(" && ".join(text for text, _ in row) for row in rows)
    assert holds(expression, VARIABLES) is any(all(value for _, value in row) for row in rows)


@given(st.text(alphabet="$AB ()&|=!~/'\"null"))
@example("/)/")
def test_any_text_is_a_condition_or_an_error(text: str) -> None:
    try:
        holds(text, VARIABLES)
    except ExpressionError:
        return
