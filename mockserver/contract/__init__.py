"""Room 5: traffic held against what the documents declare. Pure: values in, values and text out."""
