// automerge-repo's server as its own example builds it: a Repo with WebSockets and a folder of files.
//
//   node servers/automerge-repo.js PORT FOLDER

import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [port, folder] = process.argv.slice(2);
const sockets = new WebSocketServer({ port: Number(port), host: "127.0.0.1" });
const repo = new Repo({
  network: [new WebSocketServerAdapter(sockets)],
  storage: new NodeFSStorageAdapter(folder),
  peerId: "server",
  // A server offers nothing by itself, it answers who asks: as in the project's own server.
  sharePolicy: async () => false,
});

process.on("SIGTERM", async () => {
  await repo.flush();
  process.exit(0);
});
