"""Decisions about documents that need no database."""

import enum


class Retention(enum.Enum):
    """How long a thing is kept (保管期限): for ever, 30 years, 10 years.

    Source: 《机关文件材料归档范围和文书档案保管期限规定》（国家档案局令第8号）.
    """

    PERMANENT = "Y"
    YEARS_30 = "D30"
    YEARS_10 = "D10"
