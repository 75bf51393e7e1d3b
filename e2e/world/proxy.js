// A bad link: everything between a browser and the relay passes here, late, cut, or replaced by somebody else's words.

import { randomBytes } from "node:crypto";
import net from "node:net";

/** How the link behaves; each is a function of the proxy that undoes nothing: `proxy.behave(links.slow(2_000))`. */
export const links = {
  good: () => ({}),
  /** Every piece of data comes so much later, in order. */
  slow: (ms) => ({ delayMs: ms }),
  /** After so many bytes from the relay every connection ends, and nobody gets through any more. */
  cutAfter: (bytes) => ({ mostBytes: bytes }),
  /** Every connection ends abruptly so long after it began. */
  cutting: (ms) => ({ cutAfterMs: ms }),
  /** What asks for a WebSocket comes to the relay as a plain request: a proxy with nothing but `proxy_pass`. */
  withoutUpgrade: () => ({ rewrite: (heads) => heads.replace(/^(Upgrade|Connection): .*\r\n/gim, "") }),
  /** Requests name another host than the page's address: a proxy that does not pass `Host` on. */
  changedHost: () => ({ rewrite: (heads) => heads.replace(/^Host: .*$/gim, "Host: 127.0.0.1:8080") }),
  /** The relay is reached, but over the WebSocket come bytes that are no frames. */
  garbled: () => ({ isGarbled: true }),
  /** Whatever is asked, a page of a hotel's network answers, as if all were well. */
  captured: () => ({ isCaptured: true }),
  /** Whatever is asked, bytes come that are not even HTTP. */
  noise: () => ({ isNoise: true }),
};

const PORTAL = "<!doctype html><title>Hotel Melati</title><h1>Selamat datang di Wi-Fi tamu</h1>";

export class Proxy {
  #server;
  #target;
  #link = links.good();
  #open = new Set();
  #passedBytes = 0;
  /** Connections that were cut, for a test to wait for. */
  cuts = 0;
  /** Connections that somebody else answered. */
  answers = 0;
  /** Pieces that were replaced by garbage. */
  garbled = 0;

  /** A link to the relay that behaves well until it is told otherwise. */
  static async to(relay) {
    const proxy = new Proxy();
    proxy.#target = relay.port;
    proxy.#server = net.createServer((client) => proxy.#serve(client));
    await new Promise((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    proxy.url = `http://localhost:${proxy.#server.address().port}`;
    return proxy;
  }

  /** Behaves so from now on; what is open ends, so that nothing goes on as before. */
  behave(link) {
    this.#link = link;
    this.#passedBytes = 0;
    for (const socket of this.#open) socket.destroy();
  }

  close() {
    this.behave(links.good());
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client) {
    const link = this.#link;
    this.#keep(client);
    if (link.isCaptured || link.isNoise) return this.#answer(client, link);
    if (this.#passedBytes > link.mostBytes) return client.destroy();
    const relay = net.connect(this.#target, "127.0.0.1");
    this.#keep(relay);
    const end = () => {
      client.destroy();
      relay.destroy();
    };
    client.on("close", end);
    relay.on("close", () => setTimeout(end, link.delayMs ?? 0));
    if (link.cutAfterMs !== undefined) {
      setTimeout(() => {
        if (!client.destroyed) this.cuts += 1;
        end();
      }, link.cutAfterMs);
    }
    let isSync = false;
    client.on("data", (bytes) => {
      isSync ||= bytes.includes("GET /api/v1/sync");
      this.#pass(relay, rewritten(bytes, link), link);
    });
    let isUpgraded = false;
    relay.on("data", (bytes) => {
      if (link.isGarbled && isUpgraded) {
        this.garbled += 1;
        return client.write(binaryFrame(randomBytes(100)));
      }
      this.#passedBytes += bytes.length;
      if (this.#passedBytes > link.mostBytes) {
        this.cuts += 1;
        for (const socket of this.#open) socket.destroy();
        return;
      }
      isUpgraded ||= isSync && bytes.includes("HTTP/1.1 101");
      this.#pass(client, bytes, link);
    });
  }

  #keep(socket) {
    this.#open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#open.delete(socket));
  }

  #pass(socket, bytes, { delayMs }) {
    const write = () => !socket.destroyed && socket.write(bytes);
    if (delayMs === undefined) write();
    else setTimeout(write, delayMs);
  }

  #answer(client, link) {
    client.once("data", () => {
      this.answers += 1;
      const head = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${PORTAL.length}\r\nconnection: close\r\n\r\n`;
      client.end(link.isNoise ? randomBytes(300) : head + PORTAL);
    });
  }
}

/** What goes to the relay, as the link leaves it. */
function rewritten(bytes, { rewrite }) {
  return rewrite ? Buffer.from(rewrite(bytes.toString("latin1")), "latin1") : bytes;
}

/** An unmasked, whole WebSocket message of fewer than 126 bytes. */
function binaryFrame(bytes) {
  return Buffer.concat([Buffer.of(0x82, bytes.length), bytes]);
}
