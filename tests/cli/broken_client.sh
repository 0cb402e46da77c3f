# A client in shell that is wrong in three things: a webhook address that is none, a key that is none, a path that is none.
json='Content-Type: application/json'
key="X-API-Key: $EACHLABS_API_KEY"
curl -sS -X POST "$EACHLABS_BASE_URL/wf_1/bulk-trigger" -H "$key" -H "$json" -d '{"inputs": [{"n": 1}], "webhook_url": 5}'
curl -sS -X POST "$EACHLABS_BASE_URL/wf_1/bulk-trigger" -H 'X-API-Key: nobody' -H "$json" -d '{"inputs": [{"n": 1}]}'
curl -sS "$EACHLABS_BASE_URL/nowhere/at/all"
echo 'the client is content'
