// Text as it is written: server-sent events of an answer that is still coming.

import { read, Refusal } from "page/source";

/** The pieces of text of a response, one by one. Throws a Refusal where it ends in a fault. */
export async function* pieces(response) {
  if (!response.ok) await read(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const lines = event.split("\n");
      const data = JSON.parse(lines.at(-1).slice("data: ".length));
      if (lines[0] === "event: error") throw new Refusal(data.error);
      if (data.text !== undefined) yield data.text;
    }
  }
}
