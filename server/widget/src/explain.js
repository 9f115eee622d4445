// What a failure is called in front of the reader.

import { RequestError } from "./client.js";
import { describeSeconds, fill } from "./strings.js";

/** Say a failure in a sentence. */
export function explain(error, strings) {
  if (!(error instanceof RequestError)) return strings.offline;
  // A budget renews in hours or days: the backend says when.
  if (error.status !== 429 || error.retryAfter > 3600) return error.detail ?? strings.failed;
  if (error.retryAfter === null) return strings.busy;
  return fill(strings.busyFor, { time: describeSeconds(Math.max(1, error.retryAfter), strings) });
}

/** Tell whether the model that the reader chose is one that the backend doesn't offer (any more). */
export function isModelRefusal(error) {
  return error instanceof RequestError && error.code === "unknown_model";
}
