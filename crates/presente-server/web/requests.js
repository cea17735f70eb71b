// Requests to the server, and what comes of them in words.

import { language, say } from "./words.js";

/** Longest wait for an answer, in milliseconds: a busy server has people wait to have their password checked. */
const PATIENCE = 20_000;

/** Statuses of a refusal that stays one, however often it is asked again. */
const FINAL = new Set([200, 401, 403, 404]);

/** Why a request came to nothing, as a sentence to be shown. */
export class Problem extends Error {
  constructor(message, status) {
    super(message);
    /** The HTTP status; nothing when there was no answer. */
    this.status = status;
  }

  /** Whether the server has said no, and would again. */
  get isFinal() {
    return FINAL.has(this.status);
  }
}

/** Asks the server and gives its answer. Throws a `Problem`. */
export async function request(path, { body, token } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": language };
  if (token) headers["x-token"] = token;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  let text;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const method = body ? "POST" : "GET";
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", redirect: "error", signal });
    text = await response.text();
  } catch {
    throw new Problem(say("web-unreachable"));
  }
  let answer;
  try {
    answer = text === "" ? null : JSON.parse(text);
  } catch {
    throw new Problem(say("web-unexpected", { status: response.status }), response.status);
  }
  if (answer?.success === false) {
    throw new Problem(String(answer.message ?? say("web-unexpected", { status: response.status })), response.status);
  }
  if (!response.ok) throw new Problem(say("web-unexpected", { status: response.status }), response.status);
  return answer;
}
