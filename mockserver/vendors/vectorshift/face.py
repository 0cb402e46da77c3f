"""What users see of VectorShift outside HTTP: environment names and the SDK's settings."""

from mockserver.engine.vendor import Face, Noun

# The SDK reads base URL and key from the environment at import and keeps them here (vectorshift 0.1.15, request.py).
FACE = Face(
    test_key="vs-test-key",
    base_url_names=("VECTORSHIFT_BASE_URL",),
    api_key_names=("VECTORSHIFT_API_KEY",),
    patches=(
        ("vectorshift.request", "request_client.base_url", "url"),
        ("vectorshift.request", "async_request_client.base_url", "url"),
        ("vectorshift", "api_key", "key"),
    ),
    nouns={
        "pipeline": Noun(
            "pipelines", ("name", "description", "inputs", "outputs", "failed_status", "folder_id", "shared")
        )
    },
)
