"""A promise and a deed that belong together: one mechanism for every device that must do what was promised.

The intent is recorded first; then the device does it; what it did is read back; only then is it called done.  What
cannot be done is restored to what it was and verified, and only then is the promise taken back: never the other way
round, or the thing could go its way without a record.

    DOING --verified--------------------------------------------------> DONE
      |  ^--back-- WANTED_BACK <--gone, device lost--'   |
      |               `--left behind, too often-----------+----------> UNVERIFIED
      |--refused by the device: again, up to *tries_max*  |               ^
      `--refused too often--> RESTORING --not restored----+---------------'
                                 `--restored--> TAKING_BACK --taken back--> COMPENSATED
                                                     |--will not be-------> STILL_STANDS
                                                     `--silence-----------> IN_DOUBT

A promise known not to stand (`Standing.REFUSED`) turns every way towards RESTORING.  How it
can end, and what repairs it:

| the thing is | the promise | end | repair |
|---|---|---|---|
| done, read back | stands | DONE | none is needed |
| nobody can tell, or not as before | stands | UNVERIFIED | a case: the person shows it to staff |
| as before, read back | taken back | COMPENSATED | the person may try again |
| as before, read back | never stood | NEVER_STOOD | none is needed: the refusal has its own reason |
| as before, read back | will not be taken back | STILL_STANDS | a case: staff take it back |
| as before, read back | nobody knows whether it is taken back | IN_DOUBT | found out later, else a case |
| nobody can tell, or not as before | does not stand | LEFT_OPEN | a case: the person hands it in |

Nothing here knows what kind of device it is, what is promised, or how it is worded: `release.py` is the first user.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Deed(Enum):
    """What a device is to do with a thing; restoring it is the opposite deed."""

    RELEASE = "release"
    SECURE = "secure"

    @property
    def opposite(self) -> Deed:
        """The deed that restores what this one changed."""
        return Deed.SECURE if self is Deed.RELEASE else Deed.RELEASE


class Standing(Enum):
    """How the promise stands that the deed belongs to.

    GIVEN by the other side, which can be asked to take it back; OWN: given by this terminal alone; FIXED: it stands and
    is not ours to take back; REFUSED: it is known not to stand.
    """

    GIVEN = "given"
    OWN = "own"
    FIXED = "fixed"
    REFUSED = "refused"


class Phase(Enum):
    """How far it is."""

    DOING = "doing"
    WANTED_BACK = "wanted-back"
    RESTORING = "restoring"
    TAKING_BACK = "taking-back"


class Sign(Enum):
    """What happened to it.  LEFT: the time to wait is over, or the person said that it will not come back."""

    VERIFIED = "verified"
    GONE = "gone"
    REFUSED = "refused"
    DEVICE_LOST = "device-lost"
    BACK = "back"
    LEFT = "left"
    RESTORED = "restored"
    NOT_RESTORED = "not-restored"
    TAKEN_BACK = "taken-back"
    NOT_TAKEN_BACK = "not-taken-back"
    SILENT = "silent"


class End(Enum):
    """How it ended; see the table above."""

    DONE = "done"
    UNVERIFIED = "unverified"
    COMPENSATED = "compensated"
    NEVER_STOOD = "never-stood"
    STILL_STANDS = "still-stands"
    IN_DOUBT = "in-doubt"
    LEFT_OPEN = "left-open"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A deed under way: *tries* so far, this one included; *failed_by* is the last thing that went wrong."""

    deed: Deed
    phase: Phase = Phase.DOING
    tries: int = 1
    failed_by: Sign | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How long it is tried.

    *tries_max* by a device that refuses; *returns_max* more for a thing that comes and goes.  *may_wait*: somebody is
    there to be asked to put it back; *may_restore*: what was not done can be restored and taken back.
    """

    tries_max: int = 2
    returns_max: int = 4
    may_wait: bool = True
    may_restore: bool = True


def advance(attempt: Attempt, sign: Sign, standing: Standing, policy: Policy) -> Attempt | End | None:
    """What *sign* makes of *attempt*: the next thing to be done, the end, or None where it means nothing.

    An `Attempt` is to be acted upon at once: its phase says what the device, the person or the server is asked for.
    """
    is_refused = standing is Standing.REFUSED
    match attempt.phase, sign:
        case Phase.DOING, Sign.VERIFIED:
            return _restoring(attempt, sign) if is_refused else End.DONE
        case Phase.DOING, (Sign.GONE | Sign.DEVICE_LOST):
            is_too_often = attempt.tries > policy.tries_max + policy.returns_max
            if is_too_often or not policy.may_wait:
                return left(standing)
            return replace(attempt, phase=Phase.WANTED_BACK, failed_by=sign)
        case Phase.DOING, Sign.REFUSED:
            return _refused(attempt, standing, policy)
        case Phase.WANTED_BACK, Sign.BACK:
            if is_refused:
                return _restoring(attempt, attempt.failed_by)
            return replace(attempt, phase=Phase.DOING, tries=attempt.tries + 1)
        case ((Phase.DOING | Phase.WANTED_BACK), Sign.LEFT):
            return left(standing)
        case Phase.RESTORING, Sign.RESTORED:
            return _restored(attempt, standing)
        case Phase.RESTORING, (Sign.NOT_RESTORED | Sign.LEFT):
            return left(standing)
        case Phase.TAKING_BACK, Sign.TAKEN_BACK:
            return End.COMPENSATED
        case Phase.TAKING_BACK, Sign.NOT_TAKEN_BACK:
            return End.STILL_STANDS
        case Phase.TAKING_BACK, (Sign.SILENT | Sign.LEFT):
            return End.IN_DOUBT
        case _:
            return None


def left(standing: Standing) -> End:
    """The end of a thing of which nobody can tell whether the deed was done."""
    return End.LEFT_OPEN if standing is Standing.REFUSED else End.UNVERIFIED


def _refused(attempt: Attempt, standing: Standing, policy: Policy) -> Attempt | End:
    if standing is Standing.REFUSED:
        return _restoring(attempt, Sign.REFUSED)
    if attempt.tries < policy.tries_max:
        return replace(attempt, tries=attempt.tries + 1, failed_by=Sign.REFUSED)
    if standing is Standing.FIXED or not policy.may_restore:
        return End.UNVERIFIED
    return _restoring(attempt, Sign.REFUSED)


def _restoring(attempt: Attempt, failed_by: Sign | None) -> Attempt:
    return replace(attempt, phase=Phase.RESTORING, failed_by=failed_by)


def _restored(attempt: Attempt, standing: Standing) -> Attempt | End:
    match standing:
        case Standing.REFUSED:
            return End.NEVER_STOOD
        case Standing.FIXED:
            return End.UNVERIFIED
        case Standing.GIVEN | Standing.OWN:
            return replace(attempt, phase=Phase.TAKING_BACK)
