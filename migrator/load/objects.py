"""Large values on their way to S3, before the items that point to them: a pointer never leads nowhere.

An object's key is its content's digest. So whatever is put twice, by a repeated batch or for two equal values, is the
same object; what a load that ended has put too much is named by no item, and harms nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from migrator.load.batch import Row
from migrator.load.job import Job
from migrator.model.errors import MigrateError
from migrator.plan.offload import StoredObject

THREADS = 8
"""Objects of one batch that are put at a time."""


def put_objects(job: Job, rows: Iterable[Row]) -> None:
    """Puts the objects of these rows, each once, and returns when all of them are there."""
    wanted = {one.key: one for row in rows for one in row.objects}
    if not wanted:
        return
    with ThreadPoolExecutor(min(THREADS, len(wanted))) as threads:
        for _ in threads.map(lambda one: _put(job, one), wanted.values()):
            pass


def _put(job: Job, stored: StoredObject) -> None:
    store = job.options.objects
    if store is None:
        raise MigrateError("large values go to S3, and no way to it is open", "report this")
    job.patience.call(lambda: store.put(stored))
