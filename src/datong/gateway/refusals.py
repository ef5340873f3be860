# SPDX-License-Identifier: Apache-2.0
"""Why a call is not answered: one class per code a caller can act on.

Kept here: codes and statuses of the data plane's interface. `Unknown` (kernel) stands both for a resource that does
not exist and for one the caller has no grant on: the two never differ by a byte but the request id. Refusals over
items and filters are the engine's (`datong.engine.errors`).
"""

from collections.abc import Sequence

from datong.kernel.errors import Conflict, Malformed, Refused, Throttled, Unauthenticated, Unavailable, Unknown

NOT_HERE = "没有这个资源，或者没有它的授权 (no such resource, or none you hold a grant on)"


class PurposeRequired(Refused):
    """The grant wants its purpose named at every call."""

    code, title = "purpose_required", "Purpose required"


class PurposeMismatch(Refused):
    """The purpose named is not the one the data were granted for (809 art. 25)."""

    code, title = "purpose_mismatch", "Purpose mismatch"


class CaseRequired(Refused):
    """The grant wants the case number at every call."""

    code, title = "case_required", "Case number required"


class AddressNotAllowed(Refused):
    """The recipient, or the application, comes from some networks alone, and the caller is in none of them."""

    code, title = "address_not_allowed", "Address not allowed"


class SignatureRefused(Unauthenticated):
    """The application signs each of its calls, and this one is not signed as it has to be."""

    code, title = "signature_refused", "Signature refused"


class CertificateRefused(Unauthenticated):
    """The application connects with its own client certificate, and this connection has another one, or none."""

    code, title = "certificate_refused", "Certificate refused"


class Hindered(Refused):
    """A grant of the caller's is there, but does not answer; the evidence names it."""

    def __init__(self, message: str, *, grant: str, rule: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message, rule=rule, remedy=remedy)
        self.grant = grant


class ChannelNotGranted(Hindered):
    """The grant does not cover this way of sharing."""

    code, title = "channel_not_granted", "Channel not granted"


class GrantSuspended(Hindered):
    """Suspended on misuse until put right (809 art. 27)."""

    code, title = "grant_suspended", "Grant suspended"


class GrantRevoked(Hindered):
    """Ended by the provider or the authority."""

    code, title = "grant_revoked", "Grant revoked"


class GrantExpired(Hindered):
    """Its time limit has passed."""

    code, title = "grant_expired", "Grant expired"


class GrantNotYet(Hindered):
    """Its time has not begun."""

    code, title = "grant_not_yet", "Grant not yet in force"


class GrantAmbiguous(Conflict):
    """Several grants would answer; the caller must say under which one it asks."""

    code, title = "grant_ambiguous", "Several grants"


class Limited(Throttled):
    """A limit of the grant or of its source holds now; `after` says in how many seconds to ask again."""

    after: int = 1


class QuotaExhausted(Limited):
    """Today's calls of the grant are used up."""

    code, title = "quota_exhausted", "Quota exhausted"


class RateExceeded(Limited):
    """Calls come faster than the grant, or its source, allows."""

    code, title = "rate_exceeded", "Rate exceeded"


class TooManyAtOnce(Limited):
    """As many calls of the grant, or at its source, are under way as may be."""

    code, title = "too_many_at_once", "Too many calls at once"


class TooManyWaiting(Limited):
    """As many questions of the grant wait for their turn as may."""

    code, title = "too_many_waiting", "Too many calls waiting"


class PolicyStale(Unavailable):
    """No fresh policy: expire closed."""

    code, title = "policy_stale", "Policy stale"


class EvidenceUnavailable(Unavailable):
    """What cannot be recorded is not answered."""

    code, title = "evidence_unavailable", "Evidence unavailable"


class NotLanded(Unavailable):
    """The resource is granted, its data are not here yet."""

    code, title = "not_landed", "Data not landed"


class TableNotReady(Unavailable):
    """The grant is in force, its table is not made yet."""

    code, title = "table_not_ready", "Table not ready"


class StoreAway(Unavailable):
    """Files of the table lie in an object store that does not give them now."""

    code, title = "store_away", "Object store away"


class EventsNotReady(Unavailable):
    """The subscription is in force, its events are not there yet."""

    code, title = "events_not_ready", "Events not ready"


class SubscriptionPaused(Conflict):
    """Its keepers paused the subscription; they go on on its page."""

    code, title = "subscription_paused", "Subscription paused"


class SubscriptionEnded(Conflict):
    """Its keepers ended the subscription; another one is made on the page of the grant."""

    code, status, title = "subscription_ended", 410, "Subscription ended"


class GrantUnusable(Unavailable):
    """A row rule or mask of the grant does not fit the resource as it is now: nothing leaves by guess."""

    code, title = "grant_unusable", "Grant unusable"


class InboxUnavailable(Unavailable):
    """A report cannot be put down for the provider now: nothing was kept of it."""

    code, title = "inbox_unavailable", "Inbox unavailable"


class TooManyReports(Throttled):
    """More reports of one application wait to be taken in than anybody writes by hand."""

    code, title = "too_many_reports", "Too many reports"


class CursorStale(Conflict):
    """The data changed since the cursor was given."""

    code, title = "cursor_stale", "Cursor stale"


class MethodNotAllowed(Malformed):
    """The place exists, this method does not."""

    code, status, title = "method_not_allowed", 405, "Method not allowed"


class BodyCut(Malformed):
    """The caller closed, or stopped sending, before its body was whole."""

    code, status, title = "body_cut", 400, "Body cut short"


class BodyTooSlow(Malformed):
    """The body did not arrive in time."""

    code, status, title = "body_too_slow", 408, "Body too slow"


class TooLarge(Malformed):
    """The body is larger than any question needs."""

    code, status, title = "too_large", 413, "Body too large"


class QueryTooLong(Malformed):
    """The query is longer than any question needs."""

    code, status, title = "query_too_long", 414, "Query too long"


class NotAcceptable(Malformed):
    """The answer is wanted in a form this place does not give."""

    code, status, title = "not_acceptable", 406, "Not acceptable"


class WrongMediaType(Malformed):
    """The body is of another kind than this place reads."""

    code, status, title = "unsupported_media_type", 415, "Unsupported media type"


class TokenRequestMalformed(Malformed):
    """A token request that RFC 6749 section 5.2 calls invalid."""

    code, status, title = "malformed", 400, "Malformed token request"


class InternalFault(Unavailable):
    """A fault of ours; the log of the gateway has it under the request id."""

    code, status, title = "internal", 500, "Internal fault"


def failed() -> InternalFault:
    """The refusal for a fault of ours, which the log alone tells."""
    return InternalFault("网关故障，原因在运行日志中 (the gateway failed; the operator can find out why)")


def check_method(method: str, methods: Sequence[str]) -> None:
    """See that a place takes a method.

    Raises:
        MethodNotAllowed: It does not.
    """
    if method not in methods:
        raise MethodNotAllowed(f"{method[:20]} is not for this place", fields={"method": ", ".join(methods)})


def unknown() -> Unknown:
    """The one refusal for what does not exist and what is not granted."""
    return Unknown(NOT_HERE, remedy="在目录中查找并申请 (look it up in the catalogue and request it)")


def not_signed_in(why: str) -> Unauthenticated:
    """A 401 saying why, never quoting the token."""
    remedy = "用签名的客户端断言在 /oauth2/token 换取令牌 (get an access token with a signed client assertion)"
    return Unauthenticated(why, remedy=remedy)
