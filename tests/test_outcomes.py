"""How a test asks for outputs and outcomes, and what it is told when it asks for what cannot be."""

import functools

import pytest

from mockserver.arguments import ScriptError
from mockserver.mock import Mock
from mockserver.openworld import OpenWorld
from tests.posting import trigger

INPUTS = [{"n": number} for number in range(10)]


def came_of_it(mock, *inputs):
    """(state, output) of the executions of one bulk trigger."""
    trigger(mock, *inputs)
    mock.clock.run_until_idle()
    return [(one.state, one.output) for one in mock.world.ask(lambda world: world.executions.all)]


def test_a_function_is_used_for_outputs(mock):
    """Of the input, or of the input and the call; for all documents of the vendor."""
    mock.outputs.use(lambda given: given["n"] + 1)
    mock.outputs.use(lambda given, call: f"{call.path['workflowID']}/{given['n']}")

    assert came_of_it(mock, {"n": 5}) == [("completed", "wf_1/5")]


@pytest.mark.parametrize(
    "function",
    [
        lambda given, scale=2: given["n"] * scale,
        lambda *given: given[0]["n"] * 2,
        functools.partial(lambda scale, given: given["n"] * scale, 2),
    ],
    ids=["default", "star", "partial"],
)
def test_only_a_second_argument_that_must_be_there_is_the_call(mock, function):
    """One with a default of its own keeps it."""
    mock.outputs.use(function)

    assert came_of_it(mock, {"n": 5}) == [("completed", 10)]


def test_the_last_word_on_outputs_holds(mock):
    """`random` is as if nothing had been asked."""
    mock.outputs.use(lambda given: "mine")
    mock.outputs.example()
    mock.outputs.random()

    ((_, output),) = came_of_it(mock, {})
    assert output.startswith("https://cdn.example.test/")


def test_outcomes_and_outputs_are_asked_for_side_by_side(mock):
    """Neither forgets the other; `succeed` takes only the outcomes back."""
    mock.outputs.use(lambda given: "mine")
    mock.outcomes.random(failed=1)
    assert came_of_it(mock, {})[0][0] == "failed"

    mock.outcomes.succeed()
    assert came_of_it(mock, {})[1] == ("completed", "mine")


def test_scripts_of_single_inputs_win(mock):
    """What `input` says of an output, too."""
    mock.outcomes.random(failed=0.5, rejected=0.5)
    mock.outputs.use(lambda given: "mine")
    mock.input(0).complete("own")
    mock.input(1).complete(after="1h")

    assert came_of_it(mock, {}, {}) == [("completed", "own"), ("completed", "mine")]


def test_a_reset_forgets_what_was_asked_for(mock):
    """A fresh world."""
    mock.outcomes.random(failed=1)
    mock.reset()

    assert came_of_it(mock, {})[0][0] == "completed"


def test_a_function_that_breaks_fails_the_test(mock, world):
    """E501 with the line that gave it; the client sees nothing."""
    mock.outputs.use(lambda given: given["x"])

    assert trigger(mock, {})[0] == 202
    (found,) = world.findings().broken
    assert found.code == "E501"
    assert "test_outcomes.py:" in found.violations[0].clause


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda m: m.outcomes.random(failed=1.5), "failed=1.5, rejected=0.0 are no shares"),
        (lambda m: m.outcomes.random(failed=-0.1), "failed=-0.1, rejected=0.0 are no shares"),
        (lambda m: m.outcomes.random(failed=0.6, rejected=0.6), "failed=0.6, rejected=0.6 are no shares"),
        (lambda m: m.outcomes.random(failed="20%"), "failed='20%', rejected=0.0 are no shares"),
        (lambda m: m.outcomes.random(failed=float("nan")), "failed=nan, rejected=0.0 are no shares"),
        (lambda m: Mock(m.world, "vectorshift").outcomes.random(rejected=0.1), "vectorshift refuses no single inputs"),
        (lambda m: m.outputs.use(lambda: 1), "use() cannot call <lambda>(); give it a function of the input"),
        (lambda m: m.outputs.use(lambda a, b, c: 1), "use() cannot call <lambda>(a, b, c)"),
        (lambda m: m.outputs.use(lambda given, *, key: 1), "use() cannot call <lambda>(given, *, key)"),
        (lambda m: m.outputs.use("mine"), "use() cannot call 'mine'"),
        (lambda m: m.outputs.use(m.clock.aadvance), "use() cannot call <bound method"),
    ],
)
def test_what_cannot_be_asked_for_raises_in_its_line(mock, ask, told):
    """One sentence with the line of the test and a remedy."""
    with pytest.raises(ScriptError) as error:
        ask(mock)

    assert told.split("; ")[0] in str(error.value)
    assert "test_outcomes.py:" in str(error.value)


def test_a_document_without_executions_has_no_outcomes(server, tmp_path):
    """Calls get answers there, and nothing runs, until a fixture says that something does."""
    from mockserver.vendors.assembly import Wanted, assemble

    spec = tmp_path / "shop.yaml"
    spec.write_text('openapi: 3.1.0\ninfo: {title: Shop, version: "1"}\npaths: {}\n', "utf-8")
    world = OpenWorld(server, services=assemble(Wanted(specs=((None, spec),))))
    shop = Mock(world, "shop")

    for ask in (shop.outputs.example, shop.outcomes.succeed, lambda: shop.input(0).fail()):
        with pytest.raises(ScriptError, match=r"the document shop has no lifecycle, .*`lifecycle: \{starts: "):
            ask()
    world.close()
