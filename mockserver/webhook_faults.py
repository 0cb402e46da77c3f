"""Deliveries that every webhook receiver meets some day, and whether one receiver handled the one of this run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from msgspec import Struct

from mockserver import outlook
from mockserver.arguments import ScriptError, here, refuse_unless
from mockserver.chance import Chance
from mockserver.engine.delivery import REVERSED, Delivery
from mockserver.engine.messages import Request
from mockserver.engine.signing import Scheme
from mockserver.hints import counted
from mockserver.http.moves import refuse_in_loop
from mockserver.mock import Mock
from mockserver.openapi.document import Document
from mockserver.openapi.operation import Media, Operation
from mockserver.openapi.sample import SampleError
from mockserver.receiver import Processed, Wanted, judgement
from mockserver.webhooks import Webhooks

__tracebackhide__ = True  # pytest: an assertion fails in the line that makes it
_SCRIPT_IT = "call webhook_faults.script(mock) before the code under test starts anything"
_IN_BODY = "{$request.body#/"  # how a document says that an address stands in the body of the call


class Fault(Struct, frozen=True):
    """One kind of delivery, and what a correct receiver does with it."""

    name: str
    posted: str  # what is posted, in words
    remedy: str  # what a correct receiver does
    accepted: bool | None  # True: answered 2xx; False: refused with a 4xx; None: 2xx at first, its repeat either way
    script: Callable[[Webhooks], object]
    schemes: frozenset[Scheme] | None = None  # those that can carry it; None: it needs no signature
    executions: int = 1  # how many it takes

    @property
    def times(self) -> int:
        """How often each event may be processed, and must be."""
        return 0 if self.accepted is False else 1


_ANY: frozenset[Scheme] = frozenset({"secret", "hmac", "secret+hmac", "standard"})
_STAMPED: frozenset[Scheme] = frozenset({"hmac", "secret+hmac", "standard"})
_ONCE = "remembers the ids of events and processes each once"

FAULTS = (
    Fault("valid", "a webhook as it should be", "answers 2xx and processes it once", True, lambda webhooks: None),
    Fault(
        "tampered",
        "the body was changed after signing",
        "verifies the signature over the raw body before it reads it",
        False,
        lambda webhooks: webhooks.tamper("body"),
        _STAMPED,
    ),
    Fault(
        "wrong-secret",
        "somebody who does not know the secret has signed it",
        "compares the signature with one made with its own secret",
        False,
        Webhooks.wrong_secret,
        _ANY,
    ),
    Fault(
        "missing-header",
        "the header that proves where it comes from is missing",
        "refuses what is not signed",
        False,
        Webhooks.missing_header,
        _ANY,
    ),
    Fault(
        "stale",
        "it is signed well, with a stamp ten minutes old",
        "refuses stamps more than five minutes old",
        False,
        lambda webhooks: webhooks.timestamp("-10m"),
        _STAMPED,
    ),
    Fault(
        "future",
        "it is signed well, with a stamp ten minutes ahead",
        "refuses stamps more than five minutes ahead",
        False,
        lambda webhooks: webhooks.timestamp("+10m"),
        _STAMPED,
    ),
    Fault(
        "rotated",
        "it has two signatures, the first by a new secret and the second by the receiver's",
        "takes any one signature that fits",
        True,
        Webhooks.rotate,
        frozenset({"standard"}),
    ),
    Fault(
        "exact-replay",
        "it came once more a minute later, byte for byte",
        f"{_ONCE}; the replay may be acknowledged (2xx) or refused (4xx)",
        None,
        Webhooks.replay,
    ),
    Fault(
        "retry-new-stamp",
        "it was delivered again although it had been acknowledged: the same event with a new stamp",
        f"{_ONCE}, by the id of the event or the execution and not by signature or stamp",
        True,
        Webhooks.redeliver,
    ),
    Fault(
        "duplicate-at-once",
        "it came twice at once, the second before the first was answered",
        _ONCE,
        True,
        Webhooks.duplicate,
    ),
    Fault(
        "early",
        "it came before the answer of the call that started it",
        "keeps what it does not know yet, or answers 5xx so that it is tried again",
        True,
        Webhooks.early,
    ),
    Fault(
        "out-of-order",
        "the webhooks of one call came in reverse order",
        "goes by the ids in each event, not by the order of arrival",
        True,
        lambda webhooks: webhooks.order(*REVERSED),
        executions=2,
    ),
    Fault(
        "very-late",
        "it came three days late",
        "takes a webhook however late it comes",
        True,
        lambda webhooks: webhooks.delay("3d"),
    ),
    Fault(
        "non-ascii",
        "its body holds text beyond ASCII, in UTF-8",
        "verifies the raw bytes, and reads them as UTF-8",
        True,
        Webhooks.non_ascii,
    ),
)


class WebhookFaults:
    """The fault of this run, done to the webhooks of a mock, and held against what the receiver made of it."""

    def __init__(self, fault: Fault, skip: Callable[[str], NoReturn]) -> None:
        """`skip` ends a test to which the fault does not apply, with the reason."""
        self.fault, self._skip = fault, skip
        self._mock: Mock | None = None
        self._checked = False

    @property
    def name(self) -> str:
        """`tampered`, as in the id of the test."""
        return self.fault.name

    @property
    def posted(self) -> str:
        """What is posted, in words."""
        return self.fault.posted

    @property
    def accepted(self) -> bool | None:
        """True: must be answered 2xx; False: must be refused with a 4xx; None: 2xx at first, its repeat either way."""
        return self.fault.accepted

    @property
    def times(self) -> int:
        """How often each event must be processed: once, and not at all when it must be refused."""
        return self.fault.times

    @property
    def execution_ids(self) -> tuple[str, ...]:
        """The executions that webhooks told of, oldest first."""
        return tuple(dict.fromkeys(one.execution_id for one in self._sent()))

    def script(self, mock: Mock) -> None:
        """From here on the webhooks of `mock` have this fault; call it before the code under test starts anything.

        A fault of signatures signs with "standard" unless the mock signs already. Where it does not apply to the
        scheme, the test is skipped. Raises ScriptError when executions or webhooks are there already.
        """
        refuse_unless(isinstance(mock, Mock), "webhook_faults takes a mock such as openapi_mock(...)", mock)
        if self._mock is not mock:
            _refuse_late(self.name, mock)
        fault, webhooks = self.fault, mock.webhooks
        signing = webhooks.signing
        if fault.schemes is not None:
            if signing is None:
                webhooks.sign("standard")
            elif signing.scheme not in fault.schemes:
                self._skip(f'{fault.name}: the signature scheme "{signing.scheme}" cannot show it')
        fault.script(webhooks.allow_undelivered())  # whether a refusal was right is judged here
        self._mock = mock

    def post(self, mock: Mock, url: str) -> None:
        """`script`, and make the document's first call that takes an address for webhooks, with `url`: for a receiver.

        What it sends is the example of the document, else a value of its schema.
        """
        refuse_unless(isinstance(url, str), 'post() takes an address such as "http://127.0.0.1:8000/hooks"', url)
        self.script(mock)
        mock.world.give(_call(mock, *_that_calls_back(mock, url)))

    def check(self, processed: Processed | None = None) -> None:
        """Move the clock on until all is posted, then raise AssertionError unless the receiver did what is correct.

        `processed` is what the application made of it, or a function that says so afterwards: ids of executions or
        events, or the events as it read them, one for each time that it processed one; or a mapping from ids to what
        it keeps. Without it only the receiver's answers are judged.
        """
        refuse_in_loop("await webhook_faults.acheck(...)")
        mock = self._scripted()
        if mock.clock.mode != "real":
            mock.clock.run_until_idle()
        self._judge(processed)

    async def acheck(self, processed: Processed | None = None) -> None:
        """`check`, awaited."""
        mock = self._scripted()
        if mock.clock.mode != "real":
            await mock.clock.arun_until_idle()
        self._judge(processed)

    def finish(self) -> None:
        """Judge the receiver's answers at the end of a test that has not called `check`."""
        if self._mock is None:
            raise AssertionError(f"{self._unscripted}; {_SCRIPT_IT}")
        if not self._checked:
            self.check()

    @property
    def _unscripted(self) -> str:
        return f"webhook_faults has not been told whose webhooks get the fault {self.name}"

    def _scripted(self) -> Mock:
        if self._mock is None:
            raise ScriptError(here(), self._unscripted, _SCRIPT_IT)
        return self._mock

    def _sent(self) -> tuple[Delivery, ...]:
        return tuple(one for one in self._scripted().webhooks.deliveries if one.attempts)

    def _judge(self, processed: Processed | None) -> None:
        self._checked = True
        mock, sent = self._scripted(), self._sent()
        background = mock.world.background
        if not sent:
            now = mock.world.outlook.within({each.name for each in mock.services})
            raise AssertionError(f"{self.name}: {outlook.miscount((), None, {}, now, background, mock.name)}")
        if len({one.execution_id for one in sent}) < self.fault.executions:
            self._skip(f"{self.name} takes {self.fault.executions} executions, and the test started one")
        wanted = Wanted(self.accepted, self.times)
        if findings := judgement(wanted, sent, processed):
            first, *more = findings
            lines = [f"{self.name}: {self.posted}; {first}", *more]
            lines += [f"  {clause}" for clause in _distrusted(self.accepted, sent)]
            lines.append(f"  a correct receiver {self.fault.remedy}")
            raise AssertionError("\n".join(background.shown(line) for line in lines))


def _distrusted(accepted: bool | None, sent: Sequence[Delivery]) -> list[str]:
    """When the first was signed that should have been accepted and may have been refused for its stamp; [] for none."""
    wrongly = (one for one in sent if accepted or (accepted is None and one.state != "delivered"))
    return [one.distrusted for one in wrongly if one.distrusted][:1]


def _refuse_late(fault: str, mock: Mock) -> None:
    """Raise ScriptError where webhooks may have been made without the fault."""
    now = mock.world.outlook.within({service.name for service in mock.services})
    if now.executions or now.deliveries:
        there = counted(len(now.executions), "execution") if now.executions else counted(len(now.deliveries), "webhook")
        raise ScriptError(here(), f"{mock.name} has started {there} without the fault {fault}", _SCRIPT_IT)


def _that_calls_back(mock: Mock, url: str) -> tuple[Operation, dict[str, Any]]:
    """The first operation of the mock's document that takes an address for webhooks, and a body that gives this one."""
    document = mock.services[0].document
    for operation in document.operations:
        media = operation.body.of("application/json") if operation.body else None
        for callback in operation.callbacks.values() if media else ():
            for expression in operation.resolve(callback):
                name = expression.removeprefix(_IN_BODY).removesuffix("}")
                if media and expression == f"{_IN_BODY}{name}}}":
                    bodies = ({**one, name: url} for one in _bodies(document, media))
                    found = next((one for one in bodies if media.checker is None or media.checker.fits(one)), None)
                    if found is not None:
                        return operation, found
    hint = "use script(mock), and start something by the code under test"
    raise ScriptError(here(), f"the document of {mock.name} has no call whose body takes an address for webhooks", hint)


def _bodies(document: Document, media: Media) -> Iterator[dict[str, Any]]:
    """Bodies of a call: the document's examples, nothing at all, and what its schema has."""
    yield from (one for one in media.examples if isinstance(one, dict))
    yield {}
    with suppress(SampleError, KeyError):
        drawn = document.request_sampler(media.rule).draw(Chance(0, media.rule))
        if isinstance(drawn, dict):
            yield drawn


def _call(mock: Mock, operation: Operation, body: Any) -> Request:
    """A call of an operation with this body, as a client with the mock's key sends it."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", "webhook-faults")
    headers = [("Content-Type", "application/json")]
    for scheme in operation.security[0] if operation.security else ():
        if scheme.location == "header":
            headers.append((scheme.key, f"{scheme.scheme.title()} {mock.api_key}".strip()))
    target = mock.services[0].mounts[0] + path
    sent = json.dumps(body).encode()
    return Request(operation.method, target, target, headers=tuple(headers), body=sent, sent_from=str(here()))
