"""What values in the file may be, and what every section of it is."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

PATTERN_LENGTH_MAX = 200


def is_pattern(text: str) -> str:
    """*text*, which has to be a regular expression.  Raises `ValueError`."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})") from error
    return text


def is_time_zone(name: str) -> str:
    """*name*, which has to be empty or a zone of the IANA data base.  Raises `ValueError`."""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone this machine knows, as Asia/Shanghai is") from error
    return name


Pattern = Annotated[str, Field(min_length=1, max_length=PATTERN_LENGTH_MAX), AfterValidator(is_pattern)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Code = Annotated[str, Field(max_length=60)]
TimeZone = Annotated[str, Field(max_length=60), AfterValidator(is_time_zone)]
LanguageCode = Literal["zh_CN", "en"]
ServiceName = Literal["borrow", "return", "account", "pay", "care"]
RouteName = Literal[
    "shelf", "hold-here", "hold-elsewhere", "other-branch", "damaged", "new", "foreign", "staff"
]
ColourName = Literal["red", "orange", "yellow", "green", "blue", "violet", "grey"]
BinNumber = Annotated[str, Field(min_length=1, max_length=20)]
BINS_MAX = 100


class Section(BaseModel):
    """A section of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
