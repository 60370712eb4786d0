"""Which terminals and programs may speak to central: a name and a hashed secret each."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from drivers.masked import Secret
from sync.central.circulation.secrets import SecretJudge
from sync.central.store import tables as t
from sync.central.store.store import Store


def enter_terminal(store: Store, judge: SecretJudge, name: str, secret: Secret) -> None:
    """Lets terminal *name* in with *secret* from now on, in place of any former secret."""
    if is_terminal(store, judge, name, secret):
        return
    hashed = judge.hash(secret)
    with store.writing() as connection:
        changed = connection.execute(
            update(t.terminals).where(t.terminals.c.name == name).values(secret_hash=hashed, is_active=True)
        )
        if changed.rowcount == 0:
            connection.execute(insert(t.terminals).values(name=name, secret_hash=hashed, is_active=True))


def is_terminal(store: Store, judge: SecretJudge, name: str, secret: Secret) -> bool:
    """Whether *secret* is that of the active terminal *name*.  Slow on purpose; takes no lock while it
    judges.
    """
    with store.reading() as connection:
        hashed = connection.execute(
            select(t.terminals.c.secret_hash).where(t.terminals.c.name == name, t.terminals.c.is_active)
        ).scalar_one_or_none()
    return judge.is_right(hashed, secret)
