"""Whatever stands in a stack file is read, or told as a mistake."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.settings import Settings, load_settings
from components.stackfile.problems import SettingsError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["cluster", "argocd", "git", "dns", "projects", "x"]),
        JSON
        | st.fixed_dictionaries(
            {"strategy": st.sampled_from(["consul", "dnsmasq", "hostAliases", "none"])},
            optional={"zones": JSON, "servers": JSON, "hosts": JSON, "rewrite": JSON},
        ),
    )
)
def test_whatever_stands_in_the_file_is_read_or_told_never_a_crash(values: dict[str, Any]) -> None:
    try:
        told: Settings | SettingsError = load_settings(values)
    except SettingsError as error:
        told = error
    assert isinstance(told, Settings) or all(problem.what and problem.fix for problem in told.problems)
