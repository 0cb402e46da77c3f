"""each::labs as one value: its two documents over the same runs and workflows, and what each operation does."""

from __future__ import annotations

from mockserver.engine.vendor import Source, Vendor
from mockserver.vendors.eachlabs.api_service import API, ENGINE
from mockserver.vendors.eachlabs.bulk_trigger import bulk_trigger
from mockserver.vendors.eachlabs.categories import list_categories
from mockserver.vendors.eachlabs.delivery_log import get_webhook, list_webhooks
from mockserver.vendors.eachlabs.executions import get_execution, list_executions
from mockserver.vendors.eachlabs.face import FACE
from mockserver.vendors.eachlabs.public import get_public_version, trigger_public_version
from mockserver.vendors.eachlabs.trigger import inputs, trigger
from mockserver.vendors.eachlabs.versions import upsert_version
from mockserver.vendors.eachlabs.webhooks import WEBHOOKS
from mockserver.vendors.eachlabs.wording import refuse
from mockserver.vendors.eachlabs.workflow import exists, workflow
from mockserver.vendors.eachlabs.workflows import create_workflow, get_workflow, list_workflows, update_workflow

_SHARED = "/public/@{nickname}/workflows/{slug}/versions/{versionID}"

VENDOR = Vendor(
    name="eachlabs",
    sources=(
        Source(ENGINE, "eachlabs/engine.yaml", "/eachlabs", ("eachlabs/engine.overlay.yaml",), "/api/v1"),
        Source(API, "eachlabs/api.yaml", "/eachlabs", ("eachlabs/api.overlay.yaml",), "/v1"),
    ),
    face=FACE,
    refuse=refuse,
    handlers={
        # in both contracts
        "GET /workflows/{workflowID}/executions": list_executions,
        "POST /workflows": create_workflow,
        "GET /workflows/{workflowID}": get_workflow,
        "PUT /workflows/{workflowID}": update_workflow,
        "PUT /workflows/{workflowID}/versions/{versionID}": upsert_version,
        f"GET {_SHARED}": get_public_version,
        f"POST {_SHARED}/trigger": trigger_public_version,
        # engine
        "POST /{workflowID}/trigger": trigger,
        "POST /{workflowID}/bulk-trigger": bulk_trigger,
        "GET /executions/{executionID}": get_execution,
        "GET /categories": list_categories,
        # api-service
        "POST /workflows/trigger/{workflowID}/{versionID}": trigger,
        "POST /workflows/bulk-trigger/{workflowID}/{versionID}": bulk_trigger,
        "GET /workflows/executions/{executionID}": get_execution,
        "GET /workflows": list_workflows,
        "GET /webhooks": list_webhooks,
        "GET /webhooks/{executionID}": get_webhook,
    },
    exists=exists,
    resource=workflow,
    scope=frozenset({"inputs", "index", "execution_id", "bulk_id"}),
    webhooks=WEBHOOKS,
    inputs=inputs,
    rejection="invalid input: not accepted",
    fixtures="eachlabs",
)
