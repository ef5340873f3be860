# SPDX-License-Identifier: Apache-2.0
"""Tables of exchange: sources, batches, policy snapshots, and the calls read back from the gateways' evidence.

Kept here: a batch says how many rows it read, landed and set aside, and which index serves them; a policy snapshot is
immutable; a call is a copy of an evidence record, keyed by its place in the log, so it can be rebuilt at any time.
"""

from __future__ import annotations

from datetime import time

from django.db import models
from django.db.models import Q

from datong.contexts.exchange import domain
from datong.kernel.labels import choices


class Source(models.Model):
    """Rows attached to a resource (挂接; Order 809 art. 22): a file handed in, a table, or what is read through a connection."""

    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=choices(domain.SourceKind))
    name = models.CharField(max_length=200, help_text="file name or schema.table as the provider knows it")
    stored = models.CharField(max_length=300, blank=True, default="", help_text="path below the node's uploads folder")
    digest = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of the file")
    options = models.JSONField(
        default=dict, help_text="encoding, delimiter, sheet, header_row, table; or what is read through the connection"
    )
    connection = models.ForeignKey(
        "connections.Connection", to_field="number", null=True, on_delete=models.PROTECT, related_name="+"
    )
    mapping = models.JSONField(default=dict, help_text="item field -> column of the source")
    secret = models.BinaryField(default=b"", help_text="sealed connection string; never shown again")
    attached_by = models.CharField(max_length=150)
    attached_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.name}"


class Batch(models.Model):
    """One run that brings a source's rows into the lake and the serving index (批次)."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="batches")
    version = models.PositiveIntegerField(help_text="number of the catalogue version whose items typed the rows")
    mode = models.CharField(max_length=16, default=domain.CollectMode.FULL.value, choices=choices(domain.CollectMode))
    watermark = models.JSONField(default=dict, help_text="column, type, overlap or publication; landed: last value, zoned")
    asked_by = models.CharField(max_length=150, blank=True, default="", help_text="who queued it; empty: its schedule")
    stage = models.CharField(max_length=16, default=domain.BatchStage.QUEUED.value, choices=choices(domain.BatchStage))
    phase = models.CharField(max_length=16, blank=True, default="", choices=choices(domain.Phase))
    rows_read = models.BigIntegerField(default=0)
    rows_good = models.BigIntegerField(default=0, help_text="rows in the table after it")
    rows_bad = models.BigIntegerField(default=0)
    inserted = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    unchanged = models.BooleanField(default=False, help_text="landed without a new version: the source held the same")
    lake_version = models.BigIntegerField(null=True)
    index = models.CharField(max_length=300, blank=True, default="", help_text="serving index, relative to the node's folder")
    digest = models.CharField(max_length=64, blank=True, default="")
    error = models.TextField(blank=True, default="")
    log = models.JSONField(default=list, help_text="lines a person can read, oldest first")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often the landing was begun")
    shape = models.JSONField(default=dict, help_text="columns of the source, and items whose rows it was accepted to lose")
    differences = models.JSONField(default=list, help_text="kind, item, promised, found: why it was held")
    accepted_by = models.CharField(max_length=150, blank=True, default="", help_text="who let it go on with these differences")
    stop_by = models.CharField(max_length=150, blank=True, default="", help_text="who asked it to stop")
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; one landed batch serves at a time, the newest."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["stage", "-id"], name="batch_by_stage")]

    def __str__(self) -> str:
        return f"batch {self.pk} {self.stage}"

    @property
    def number(self) -> str:
        """What clocks and notices call it."""
        return f"B{self.pk}"

    @property
    def share_bad(self) -> str:
        """Share of the rows read that were set aside; empty where none was."""
        return f"{self.rows_bad / self.rows_read:.1%}" if self.rows_bad and self.rows_read else ""


class Upstream(models.Model):
    """An interface of the provider's own that answers for a resource in place of landed rows (代理接口)."""

    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey("connections.Connection", to_field="number", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(
        max_length=16, default=domain.UpstreamStage.DRAFT.value, choices=choices(domain.UpstreamStage)
    )  # fmt: skip
    method = models.CharField(max_length=4, default="GET")
    path = models.CharField(max_length=500, help_text="follows the connection's address; {name} is a parameter of the path")
    parameters = models.JSONField(default=list, help_text="item, name, place, needed of each")
    members = models.JSONField(default=dict, help_text="item field -> member or JSON pointer in a row of the answer")
    rows = models.CharField(max_length=200, blank=True, default="", help_text="JSON pointer to the rows, or the one record")
    single = models.BooleanField(default=False, help_text="one record stands there")
    absent = models.BooleanField(default=False, help_text="HTTP 404 says that there is no such record")
    repeatable = models.BooleanField(default=False, help_text="a POST only reads, so it may be tried again")
    timeout = models.PositiveSmallIntegerField(default=5, help_text="seconds for a call, further tries included")
    cache = models.PositiveSmallIntegerField(default=0, help_text="seconds an answer may be kept under its grant")
    paging = models.JSONField(default=dict, help_text="paging and its parameters, as connections read them; {}: all at once")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    try_passed = models.BooleanField(null=True)
    try_words = models.CharField(max_length=500, blank=True, default="", help_text="what the last trial found; never a value")
    try_ms = models.PositiveIntegerField(null=True)
    served_by = models.CharField(max_length=150, blank=True, default="")
    served_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; one draft and one in force of a resource."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "stage"], condition=Q(stage__in=["draft", "serving"]), name="exchange_one_upstream"
            ),
            models.CheckConstraint(
                condition=Q(tried_at=None, try_passed=None) | Q(tried_at__isnull=False, try_passed__isnull=False),
                name="exchange_upstream_tried_at_and_how",
            ),
            models.CheckConstraint(
                condition=Q(served_by="", served_at=None) | (~Q(served_by="") & Q(served_at__isnull=False)),
                name="exchange_upstream_served_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(ended_by="", ended_at=None) | (~Q(ended_by="") & Q(ended_at__isnull=False)),
                name="exchange_upstream_ended_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.stage}"


class Schedule(models.Model):
    """When and how a source is collected again (归集计划)."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="schedule", primary_key=True)
    mode = models.CharField(max_length=16, choices=choices(domain.CollectMode))
    watermark = models.JSONField(default=dict, help_text="column, type, overlap; or publication")
    rhythm = models.CharField(max_length=16, choices=choices(domain.Rhythm))
    minutes = models.PositiveIntegerField(default=0)
    at = models.TimeField(default=time(2))
    weekday = models.PositiveSmallIntegerField(default=0)
    cron = models.CharField(max_length=100, blank=True, default="")
    needs = models.ManyToManyField("self", symmetrical=False, related_name="needed_by", help_text="it comes after these")
    paused = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField()

    class Meta:
        """By source, the newest first."""

        ordering = ["-source_id"]
        indexes = [models.Index(fields=["next_at"], name="exchange_schedule_due", condition=Q(paused=False))]

    def __str__(self) -> str:
        return f"schedule {self.pk} {self.rhythm}"

    @property
    def timetable(self) -> domain.Timetable:
        """Its times as rules read them."""
        return domain.Timetable(domain.Rhythm(self.rhythm), self.minutes, self.at, self.weekday, self.cron)


class PolicySnapshot(models.Model):
    """A signed policy document as the gateways read it (策略快照)."""

    version = models.BigIntegerField(primary_key=True)
    document = models.BinaryField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the policy without version and times")
    issued_at = models.DateTimeField()
    lease_ends = models.DateTimeField()

    def __str__(self) -> str:
        return f"policy {self.version}"


class Call(models.Model):
    """A call as a gateway's evidence recorded it: answered or refused (调用记录; Order 809 arts. 26, 29)."""

    log = models.CharField(max_length=64)
    index = models.BigIntegerField()
    at = models.DateTimeField()
    request_id = models.CharField(max_length=64)
    grant = models.CharField(max_length=40, blank=True, default="")
    resource = models.CharField(max_length=64, blank=True, default="")
    client = models.CharField(max_length=64, blank=True, default="")
    department = models.CharField(max_length=18, blank=True, default="")
    channel = models.CharField(max_length=16)
    purpose = models.CharField(max_length=500, blank=True, default="")
    case = models.CharField(max_length=200, blank=True, default="")
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, blank=True, default="")
    rows = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=1, help_text="as how many it counts: a batch is one record of many")

    class Meta:
        """A place in a log is one call, or one batch of them."""

        ordering = ["-at", "-index"]
        constraints = [models.UniqueConstraint(fields=["log", "index"], name="call_place_unique")]
        indexes = [
            models.Index(fields=["grant", "-at"], name="call_by_grant"),
            models.Index(fields=["resource", "-at"], name="call_by_resource"),
            models.Index(fields=["department", "-at"], name="call_by_department", condition=~Q(department="")),
        ]

    def __str__(self) -> str:
        return f"{self.log}:{self.index} {self.status}"


class CallTally(models.Model):
    """Calls alike within one hour at one gateway, by how long they took (调用统计); no evidence, and no person in it."""

    gateway = models.CharField(max_length=8)
    hour = models.DateTimeField()
    resource = models.CharField(max_length=64, blank=True, default="", help_text="empty where no grant covered the call")
    client = models.CharField(max_length=64, blank=True, default="")
    department = models.CharField(max_length=18, blank=True, default="")
    channel = models.CharField(max_length=16, blank=True, default="")
    code = models.CharField(max_length=40)
    step = models.PositiveSmallIntegerField(help_text="place of the edge in wire.tallies.STEPS")
    calls = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()
    counted = models.PositiveBigIntegerField(default=0, help_text="as how many they count against the quotas of a day")
    stamp = models.BigIntegerField(help_text="of the gateway's book, from which the next collecting goes on")

    class Meta:
        """A gateway and what is alike within an hour are one row."""

        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "hour", "resource", "client", "department", "channel", "code", "step"],
                name="exchange_call_tally_once",
            )
        ]
        indexes = [
            models.Index(fields=["hour"], name="exchange_tally_hour"),
            models.Index(fields=["resource", "hour"], name="exchange_tally_resource"),
            models.Index(fields=["department", "hour"], name="exchange_tally_department"),
            models.Index(fields=["gateway", "stamp"], name="exchange_tally_stamp"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.resource} {self.code} x {self.calls}"


class Recipient(models.Model):
    """A bearer token by which a grant is read as a table (Delta Sharing recipient)."""

    grant = models.ForeignKey("sharing.Grant", to_field="number", on_delete=models.PROTECT, related_name="+")
    token_hash = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the bearer token; the token itself is kept nowhere"
    )
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="set when a newer one was taken, or it was stopped")
    stopped_by = models.CharField(max_length=150, blank=True, default="", help_text="who ended it at once")
    networks = models.JSONField(default=list, help_text="networks it reads from, in CIDR notation; none: from everywhere")
    last_used_at = models.DateTimeField(null=True, help_text="last request answered, as the evidence says")

    class Meta:
        """Newest first; one of a grant does not end."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["grant"], condition=Q(ends_at=None), name="exchange_one_recipient_of_a_grant"),
            models.CheckConstraint(condition=Q(stopped_by="") | Q(ends_at__isnull=False), name="exchange_stopped_has_ended"),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"


class ActivationLink(models.Model):
    """A link by which whoever runs the client takes the profile file once, without an account of this node."""

    grant = models.ForeignKey("sharing.Grant", to_field="number", on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret; the secret is kept nowhere")
    networks = models.JSONField(null=True, help_text="networks of the recipient; null: those of the one before")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True, default="", help_text="also who made a newer one")

    class Meta:
        """Newest first; one of a grant can be opened."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(opened_at=None, withdrawn_by=""), name="exchange_one_link_of_a_grant"
            )
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"


class LinkTry(models.Model):
    """How often one address tried links that do not hold within one hour; the address itself is not kept."""

    visitor = models.CharField(max_length=64, help_text="keyed hash of the address, another one each day")
    hour = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        """An address and an hour are one row."""

        constraints = [models.UniqueConstraint(fields=["visitor", "hour"], name="exchange_link_try_once")]
        indexes = [models.Index(fields=["hour"], name="exchange_link_try_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} x {self.times}"


class DriftCase(models.Model):
    """不一致个案: an entry and its data differ; it closes by itself when they agree again."""

    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="cases")
    version = models.PositiveIntegerField(help_text="number of the catalogue version that was compared")
    stage = models.CharField(max_length=16, default=domain.DriftStage.OPEN.value, choices=choices(domain.DriftStage))
    findings = models.JSONField(help_text="kind, item, promised, found of each difference")
    opened_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(help_text="when it was compared last")
    acknowledged_by = models.CharField(max_length=150, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    plan = models.CharField(max_length=1000, blank=True, default="", help_text="what the provider will do")
    ended_by = models.CharField(max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=1000, blank=True, default="", help_text="why it was dismissed")

    class Meta:
        """Newest first; one unsettled case for a resource."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource"], condition=Q(stage__in=["open", "acknowledged"]), name="exchange_one_drift_unsettled"
            ),
            models.CheckConstraint(
                condition=Q(ended_by="", ended_at=None) | (~Q(ended_by="") & Q(ended_at__isnull=False)),
                name="exchange_drift_ended_by_and_at",
            ),
            models.CheckConstraint(condition=~Q(stage="dismissed") | ~Q(ending=""), name="exchange_drift_dismissed_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def number(self) -> str:
        """What people and acts call it."""
        return f"D{self.pk}"

    @property
    def kinds(self) -> list[str]:
        """In what they differ, each kind once."""
        return list(dict.fromkeys(one["kind"] for one in self.findings))
