// A client in JavaScript that sends one input as a string, and does not look at the answer.
const { EACHLABS_BASE_URL, EACHLABS_API_KEY } = process.env;
await fetch(`${EACHLABS_BASE_URL}/wf_1/bulk-trigger`, {
  method: "POST",
  headers: { "X-API-Key": EACHLABS_API_KEY, "Content-Type": "application/json" },
  body: JSON.stringify({ inputs: ["a picture"] }),
});
console.log("the client is content");
