"""Where secrets may stand in the stack file: in the fields made for them, and encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from components.stackfile.fields import Model, field_at, is_secret, is_secret_at, is_text
from components.stackfile.places import StackFile
from components.stackfile.problems import Key, Problem, set_secret


def traps_in(model: Model, file: StackFile) -> list[Problem]:
    """Return the file's traps, apart from those in a secret, of which nothing is shown."""
    return [
        replace(trap, fix=f'write "{trap.what.partition(" is not ")[0]}"')
        if field and is_text(field)
        else trap
        for trap in file.traps()
        if not ((field := field_at(model, trap.path)) and is_secret(field))
    ]


def wrongly_encrypted(
    model: Model, file: StackFile, instead: Callable[[Sequence[Key]], str]
) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that is none, or that this program would have to show.

    Args:
        model: the model of the whole stack file.
        file: the stack file.
        instead: returns what to do about a secret at a place where none may be.
    """
    for path in file.encrypted():
        if (field := field_at(model, path)) and not is_secret(field):
            yield Problem(
                path,
                "no secret may stand here",
                "the value becomes part of an object or of Helm's values that everybody can read, so that it "
                "would be secret in this file only",
                instead(path),
            )
    for path in file.empty_secrets(partial(is_secret_at, model)):
        yield Problem(
            path,
            "there is no encrypted text behind secure:",
            "Pulumi has nothing to decrypt, and the secret would be missing where it is needed",
            f"run this command, which asks for the value:{set_secret(path)}",
        )


def in_clear_text(model: Model, file: StackFile) -> list[Problem]:
    """Return a problem for each secret that the stack file has in clear text.

    It is looked for in the file itself, so that no other mistake beside it can hide it.
    """
    return [
        Problem(
            path,
            "this secret stands in clear text",
            "whoever can read the repository can read it, and Pulumi would not encrypt it in its state",
            "take it out, change the secret where it was made, since this one has been seen, and run this "
            f"command, which asks for the value:{set_secret(path)}",
        )
        for path in dict.fromkeys(file.in_clear(partial(is_secret_at, model)))
    ]
