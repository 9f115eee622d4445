"""What the thread store must do on every database.

A database's test module inherits `ThreadStoreContract` and provides two fixtures: `database_url`,
an empty database of the test's own, and `shared_database_url`, one for all its tests.
"""

from tests.contract.thread_store_audit import AuditContract
from tests.contract.thread_store_counters import CountersContract
from tests.contract.thread_store_items import ItemsContract
from tests.contract.thread_store_once import OnceContract
from tests.contract.thread_store_opening import OpeningContract
from tests.contract.thread_store_ownership import OwnershipContract
from tests.contract.thread_store_paging import PagingContract
from tests.contract.thread_store_personal_data import PersonalDataContract, RetentionContract
from tests.contract.thread_store_statements import StatementsContract
from tests.contract.thread_store_threads import (
    AttachmentsContract,
    FeedbackContract,
    ThreadsContract,
)
from tests.contract.thread_store_upgrade import UpgradeContract


class ThreadStoreContract(
    ItemsContract,
    PagingContract,
    ThreadsContract,
    AttachmentsContract,
    FeedbackContract,
    OnceContract,
    OwnershipContract,
    OpeningContract,
    StatementsContract,
    UpgradeContract,
    PersonalDataContract,
    RetentionContract,
    AuditContract,
    CountersContract,
):
    """Every suite of the thread store, for one database."""
