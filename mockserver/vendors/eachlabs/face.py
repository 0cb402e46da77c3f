"""What users see of each::labs outside HTTP: the environment names that known clients read."""

from mockserver.engine.vendor import Face, Noun

FACE = Face(
    test_key="el-test-key",
    base_url_names=("EACHLABS_BASE_URL", "EACH_WORKFLOWS_BASE_URL", "EACH_API_BASE_URL"),
    api_key_names=("EACHLABS_API_KEY", "EACH_API_KEY"),
    nouns={
        "workflow": Noun("workflows", ("name", "versions", "input_schema", "output_schema", "definition", "public"))
    },
    batch="bulk_id",
)
