"""The hash of the admin's password, which must not change from preview to preview."""

from __future__ import annotations

import bcrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from components.argocd.admin import admin_password_hash
from components.argocd.chart_values import chart_values
from tests.argocd.options import argocd

PASSWORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=18)


@given(PASSWORDS, st.text(max_size=8))
@settings(max_examples=5)
def test_the_hash_is_always_the_same_and_opens_with_the_password_alone(password: str, stack: str) -> None:
    hashed = admin_password_hash(password, stack)
    assert admin_password_hash(password, stack) == hashed
    assert bcrypt.checkpw(password.encode(), hashed.encode())
    assert not bcrypt.checkpw(f"{password}x".encode(), hashed.encode())


def test_two_stacks_with_one_password_have_two_hashes() -> None:
    assert admin_password_hash("secret", "dev") != admin_password_hash("secret", "prod")


def test_the_salt_tells_nothing_about_the_password() -> None:
    first, second = admin_password_hash("one", "dev"), admin_password_hash("another", "dev")
    assert first[:29] == second[:29]
    assert first != second


def test_the_chart_gets_the_hash_and_a_time_that_stands_still() -> None:
    secret = chart_values(argocd(admin={"password": "secret"}), "dev")["configs"]["secret"]
    assert secret == {
        "argocdServerAdminPassword": admin_password_hash("secret", "dev"),
        "argocdServerAdminPasswordMtime": "2024-01-01T00:00:00Z",
    }
    later = {"password": "secret", "passwordMtime": "2026-05-01T10:00:00Z"}
    secret = chart_values(argocd(admin=later), "dev")["configs"]["secret"]
    assert secret["argocdServerAdminPasswordMtime"] == "2026-05-01T10:00:00Z"
