"""All that is wrong in a fixture is told at once: no error hides another."""

from __future__ import annotations

from tests.scenario.shop import Play, said


def test_all_errors_of_a_file_come_together_in_its_order(play: Play) -> None:
    """A broken scenario hides no error of another, and a scenario tells all of its own."""
    lines = said(
        play,
        """format: 1
vendor: shop
colour: red
scenarios:
  - {name: a, operation: placeOrder, when: {path: {shop: x}}, then: {fault: reset, delay: soon}}
  - {name: b, operation: placeOrders, then: {fault: rset}}
  - {name: a, operation: placeOrders, when: {path: {no: x}}, then: {executions: [{output: '${'}, {output: '${x}'}]}}
""",
    )

    assert [line.split("  ")[0] for line in lines] == [
        "/colour",
        "/scenarios/0/operation",
        "/scenarios/0/then/delay",
        "/scenarios/1/then/fault",
        "/scenarios/2/name",
        "/scenarios/2/when/path/no",
        "/scenarios/2/then/executions/0/output",
        "/scenarios/2/then/executions/1/output",
    ]
    assert '"a" is the name of the scenario in line 5 too; give each scenario a name of its own' in lines[4]


def test_a_scenario_that_the_schema_refuses_hides_none_of_its_other_errors(play: Play) -> None:
    """What the schema says of one key keeps no other from being read."""
    lines = said(
        play,
        """format: 1
vendor: shop
scenarios:
  - {name: a, operation: placeOrders, then: {fault: reset}}
  - name: a
    operation: placeOrders
    when: {path: {shp: x}, headers: [], body: {type: strin, properties: {a: {maxLength: x}}}}
    then:
      sequence:
        - {executions: [{ends: 5, timeline: {done: soon}, output: "${x}"}, {outputs: "${y}", reject: 5}]}
        - {respond: {status: 202, body: {id: 5}, hedders: {}}}
        - {respond: {status: 500}}
        - {fault: reset, delay: []}
        - 5
""",
    )

    assert [line.split("  ")[0] for line in lines] == [
        "/scenarios/1/name",
        "/scenarios/1/when/path/shp",
        "/scenarios/1/when/headers",
        "/scenarios/1/when/body/type",
        "/scenarios/1/when/body/properties/a/maxLength",
        "/scenarios/1/then/sequence/0/executions/0/ends",
        "/scenarios/1/then/sequence/0/executions/0/timeline/done",
        "/scenarios/1/then/sequence/0/executions/0/output",
        "/scenarios/1/then/sequence/0/executions/1/outputs",
        "/scenarios/1/then/sequence/0/executions/1/reject",
        "/scenarios/1/then/sequence/1/respond/hedders",
        "/scenarios/1/then/sequence/2/respond/status",
        "/scenarios/1/then/sequence/3/delay",
        "/scenarios/1/then/sequence/4",
    ]


def test_an_unknown_vendor_hides_no_other_error(play: Play) -> None:
    """All that needs no document is read all the same; operations and placeholders cannot be judged."""
    lines = said(
        play,
        """format: 2
vendor: sop
scenarios:
  - {name: a, operation: unknown, then: {fault: reset, delay: soon}}
  - {name: a, operation: unknown, then: {executions: [{output: "${anything}"}]}}
""",
    )

    assert [line.split("  ")[0] for line in lines] == [
        "/format",
        "/vendor",
        "/scenarios/0/then/delay",
        "/scenarios/1/name",
    ]
