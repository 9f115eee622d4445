"""Types of columns that mean the same on every database."""

from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

KEY_LENGTH = 255
_BYTES_PER_CHARACTER = 4


class _Key(TypeDecorator[str]):
    """Text that is equal only if each byte is.

    MySQL and MariaDB take "bob" for "Bob" and "bob " for "bob", and have no collation in common
    that doesn't, so there it is kept as bytes.
    """

    impl = String(KEY_LENGTH)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if _is_mysql(dialect):
            return dialect.type_descriptor(mysql.VARBINARY(KEY_LENGTH * _BYTES_PER_CHARACTER))
        return dialect.type_descriptor(String(KEY_LENGTH))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        if value is not None and _is_mysql(dialect):
            return value.encode()
        return value

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        return value.decode() if isinstance(value, bytes) else value


KEY = _Key()
# SQLite gives numbers of itself only to a column declared as INTEGER.
NUMBER = BigInteger().with_variant(Integer, "sqlite")
# UTC, without a zone; MySQL would cut it to whole seconds.
MOMENT = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _is_mysql(dialect: Dialect) -> bool:
    return dialect.name in {"mysql", "mariadb"}
