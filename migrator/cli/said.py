"""What the command line says of the way to DynamoDB and of a load. Nothing here reaches for either: `migrate plan`
shows commands with these options, and needs no client for that."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.load.run_record import Mode


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What the command line says of the way to DynamoDB."""

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None

    def named(self) -> tuple[tuple[str, str | None], ...]:
        """The options by their names on the command line."""
        return (("--endpoint-url", self.endpoint_url), ("--region", self.region), ("--profile", self.profile))


@dataclass(frozen=True, slots=True)
class LoadingOptions:
    """What the command line says of the load. `workers` are processes; None: by cores and rows."""

    workers: int | None = None
    allow_rejects: bool = False
    max_rejects: int | None = None
    max_write_units: float | None = None
    mode: Mode = Mode.TRANSACT
    reconcile: bool = False

    @property
    def writes_by_rules(self) -> bool:
        """Whether anything is said of how requests write."""
        said = (self.workers, self.max_write_units)
        return self.reconcile or self.mode is not Mode.TRANSACT or any(one is not None for one in said)
