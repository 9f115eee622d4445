// Server-sent events, read from a fetch body: EventSource can neither POST nor send headers.

/** Takes a stream's text in pieces of any size and gives the data of each event that is whole. */
export class EventStreamParser {
  #buffer = "";
  #data = [];

  /** Add a piece of the stream; return the data of the events that it completed. */
  push(text) {
    this.#buffer += text;
    const events = [];
    for (let line = this.#takeLine(); line !== null; line = this.#takeLine()) {
      if (line === "") {
        if (this.#data.length) events.push(this.#data.join("\n"));
        this.#data = [];
      } else if (line.startsWith("data:")) {
        this.#data.push(line.slice(line[5] === " " ? 6 : 5));
      }
      // Every other line is a comment, such as a heartbeat, or a field that this protocol has not.
    }
    return events;
  }

  #takeLine() {
    const end = this.#buffer.search(/[\r\n]/);
    // A carriage return at the very end may be the first half of a line break.
    if (end < 0 || (this.#buffer[end] === "\r" && end === this.#buffer.length - 1)) return null;
    const line = this.#buffer.slice(0, end);
    const pair = this.#buffer.startsWith("\r\n", end);
    this.#buffer = this.#buffer.slice(end + (pair ? 2 : 1));
    return line;
  }
}

/** Read a response's body as events, each parsed from JSON. */
export async function* readEvents(response) {
  const parser = new EventStreamParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const data of parser.push(decoder.decode(value, { stream: true }))) yield JSON.parse(data);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
