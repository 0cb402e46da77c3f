"""Names that a document does not declare: noted in the journal, and no breach."""

from __future__ import annotations


def test_a_misspelt_name_is_noted_and_breaks_nothing(eachlabs):
    """The call is answered as ever, and the note says what was probably meant."""
    entry = eachlabs.post("/wf_1/bulk-trigger", {"inputs": [{}], "webhookUrl": "http://127.0.0.1/x", "versionId": "v1"})

    assert entry.answer.status == 202
    assert entry.violations == ()
    assert entry.call.notes == entry.notes
    assert entry.notes == (
        "/webhookUrl is not in the document; did you mean webhook_url?",
        "/versionId is not in the document; did you mean version_id?",
    )


def test_a_forgotten_wrapper_is_noted(vectorshift):
    """An object that holds other names than all that are declared is the likeliest mistake of all."""
    entry = vectorshift.post("/pipeline/p1/bulk_run", {"runs": [{"quarter": "Q1"}, {"input": {"a": 1}}, {}]})

    assert entry.answer.status == 200
    assert entry.violations == ()
    assert entry.notes == (
        "/runs/0/quarter is not in the document, which declares inputs",
        "/runs/1/input is not in the document; did you mean inputs?",
    )


def test_the_values_of_a_map_are_nobodys_slips(vectorshift, eachlabs):
    """What a vendor takes by names of the user's own is never spoken of."""
    of_runs = vectorshift.bulk_run({"input": "a", "runs": 1})
    of_inputs = eachlabs.bulk_trigger({"inputs": 1, "webhookUrl": ""})

    assert of_runs.notes == of_inputs.notes == ()


def test_a_refused_request_has_its_notes_too(eachlabs):
    """What is missing is a violation; that it came by another name is told beside it."""
    entry = eachlabs.post("/wf_1/bulk-trigger", {"input": [{}]})

    assert entry.answer.status == 400
    assert entry.notes == ("/input is not in the document; did you mean inputs?",)
    assert "did you mean" not in entry.answer.body.decode()


def test_a_form_is_read_like_the_json_that_it_stands_for(vectorshift):
    """A field of a form that is like a declared one is noted."""
    form = b"run=%7B%7D&runs=%5B%7B%22input%22%3A%7B%7D%7D%5D"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    entry = vectorshift.send("POST", "/pipeline/p1/bulk_run", form, kind)

    assert entry.violations == ()
    assert "/runs/0/input is not in the document; did you mean inputs?" in entry.notes
