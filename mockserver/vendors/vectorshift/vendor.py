"""VectorShift as one value: its document, and what each operation does."""

from __future__ import annotations

from mockserver.engine.vendor import Source, Vendor
from mockserver.vendors.vectorshift.bulk_run import bulk_run
from mockserver.vendors.vectorshift.face import FACE
from mockserver.vendors.vectorshift.files import FORMS
from mockserver.vendors.vectorshift.life import LIFECYCLE
from mockserver.vendors.vectorshift.options import STATUS
from mockserver.vendors.vectorshift.outputs import BULK_RUN, RUN, output_rule
from mockserver.vendors.vectorshift.pipeline import exists, pipeline
from mockserver.vendors.vectorshift.pipelines import (
    create_pipeline,
    delete_pipeline,
    duplicate_pipeline,
    fetch_pipeline,
    list_pipelines,
    remove_node,
    revert_pipeline,
    update_pipeline,
)
from mockserver.vendors.vectorshift.ports import SCOPE
from mockserver.vendors.vectorshift.run import inputs, run
from mockserver.vendors.vectorshift.sharing import publish, share_pipeline, unpublish, unshare_pipeline
from mockserver.vendors.vectorshift.tasks import pause, resume, task_status, terminate
from mockserver.vendors.vectorshift.webhooks import WEBHOOKS
from mockserver.vendors.vectorshift.wording import refuse

VENDOR = Vendor(
    name="vectorshift",
    sources=(
        Source(
            "vectorshift", "vectorshift/pipeline.yaml", "/vectorshift", ("vectorshift/pipeline.overlay.yaml",), "/v1"
        ),
    ),
    face=FACE,
    refuse=refuse,
    handlers={
        # in the pages
        "GET /pipelines": list_pipelines,
        "GET /pipeline": fetch_pipeline,
        "POST /pipeline": create_pipeline,
        "DELETE /pipeline/{id}": delete_pipeline,
        RUN: run,
        BULK_RUN: bulk_run,
        "POST /pipeline/{id}/terminate": terminate,
        "POST /pipeline/{id}/pause": pause,
        "POST /pipeline/{id}/resume": resume,
        # in the SDK only
        "POST /update/pipeline/{id}": update_pipeline,
        "POST /pipeline/{id}/duplicate": duplicate_pipeline,
        "POST /pipeline/{id}/revert": revert_pipeline,
        "POST /pipeline/{id}/share": share_pipeline,
        "POST /pipeline/{id}/unshare": unshare_pipeline,
        "POST /pipeline/{id}/remove-node": remove_node,
        "POST /marketplace/publish": publish,
        "DELETE /marketplace/{marketplace_id}": unpublish,
        STATUS: task_status,
    },
    exists=exists,
    resource=pipeline,
    scope=SCOPE,
    lifecycle=LIFECYCLE,
    webhooks=WEBHOOKS,
    inputs=inputs,
    output_rule=output_rule,
    forms=FORMS,
    fixtures="vectorshift",
)
