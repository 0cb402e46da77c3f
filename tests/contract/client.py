"""Someone who speaks to a world, well or ill, while a test moves its clock."""

from mockserver.contract.manners import History, manners
from mockserver.engine.inputs import Advance, Attempted, Dial, PutDeliveryScript, PutInputScript, PutStub
from mockserver.engine.settings import Settings
from mockserver.engine.stubs import InputScript, Step, Stub
from mockserver.scenario.model import Respond
from tests.callers import answer, caller

BULK = "bulkTriggerWorkflow"
HOOK = "http://127.0.0.1:9/hook"


class Client:
    """Someone who speaks to a world whose clock a test moves."""

    def __init__(self, vendor="eachlabs", clock="manual"):
        self.caller = caller(vendor, settings=Settings(clock=clock))
        self.world = self.caller.world

    def answers(self, operation, *steps):
        """The next answers of an operation."""
        self.world.apply(PutStub(Stub(1, operation, frozenset({("eachlabs", operation)}), steps, at="test_x.py:1")))

    def later(self, number, then):
        """One input will go like this."""
        self.world.apply(PutInputScript(InputScript(number + 1, frozenset({"eachlabs"}), then, index=number)))

    def hooks(self, script, status=200):
        """A batch of one with a webhook; what its receiver answers."""
        self.world.apply(PutDeliveryScript("eachlabs", script))
        self.caller.bulk_trigger({"n": 1}, webhook_url=HOOK)
        self.wait(30)
        for posting in self.world.apply(Dial(0.0)):
            self.world.apply(Attempted(posting.delivery, status))

    def submit(self, *inputs, **more):
        """The ids of a batch's executions; None for a refused input."""
        return [one.get("execution_id") for one in answer(self.caller.bulk_trigger(*inputs, **more))["executions"]]

    def read(self, id, times=1):
        for _ in range(times):
            self.caller.send("GET", f"/executions/{id}")

    def wait(self, seconds):
        self.world.apply(Advance(seconds))

    def found(self, own="http://mock.test"):
        return [(each.code, each.place) for each in self.breaches(own) if each.is_certain]

    def breaches(self, own="http://mock.test"):
        return manners(History.of(self.world, own), self.world.secrets)


def asks_to_wait(client, seconds="2", status=429, **more):
    respond = Respond(status, headers=(("Retry-After", seconds),), off_contract="test", **more)
    client.answers(BULK, Step(respond, times=1))
