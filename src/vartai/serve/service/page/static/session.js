// A session of the service, as the page holds it: one request at a time.

import { post, send } from "page/door";
import { read } from "page/source";

export class Session {
  constructor(model, name) {
    this.model = model;
    this.name = name;
  }

  static async begin(model) {
    const opened = await read(await post("v1/sessions", { model }));
    return new Session(model, opened.session);
  }

  get path() {
    return `v1/sessions/${this.name}`;
  }

  /** Reads on, and tells what the model says now, with the numbers of its state. */
  async step(input, flush = false) {
    return read(await post(`${this.path}/step`, { input, flush, numbers: true }));
  }

  async write(length, seed) {
    return post(`${this.path}/write`, { length, seed, stream: true });
  }

  async state() {
    return (await read(await send(`${this.path}/state`))).state;
  }

  async goBack(state) {
    return read(await post(`${this.path}/state`, { state }, { method: "PUT" }));
  }

  /** Ends it, even while the page is being left. */
  end() {
    return send(this.path, { method: "DELETE", keepalive: true }).catch(() => null);
  }
}
