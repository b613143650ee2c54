"""The options that the verbs of `world` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

WorldName = Annotated[str, Parameter(help="The name of the world.")]
Models = Annotated[
    tuple[str, ...],
    Parameter(
        name="--model",
        help="A Python file with components and processors; it is run, so name only what you "
        "trust. May be given several times.",
    ),
]


@Parameter(name="*")
@dataclass(frozen=True)
class Where:
    """Where the worlds are: at a storage address, in this process, or on a server."""

    store: Annotated[
        str,
        Parameter(
            name=["--store", "-s"],
            help="The storage address: a folder, `log:FOLDER`, `parquet:FOLDER`, `delta:FOLDER`; "
            "`worlds` here when not given.",
        ),
    ] = "worlds"
    server: Annotated[
        str | None,
        Parameter(help="The address of a server (`world serve`), in place of a store."),
    ] = None
    token: Annotated[
        str | None,
        Parameter(
            help="The token for that server, when it wants one.", env_var="CODEANATOMY_TOKEN"
        ),
    ] = None


HERE = Where()
