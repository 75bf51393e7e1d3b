// Hocuspocus with its SQLite extension and its own settings.
//
//   node servers/hocuspocus.js PORT FOLDER

import path from "node:path";
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";

const [port, folder] = process.argv.slice(2);
const server = new Server({
  port: Number(port),
  address: "127.0.0.1",
  quiet: true,
  stopOnSignals: false,
  extensions: [new SQLite({ database: path.join(folder, "hocuspocus.sqlite") })],
});
await server.listen();

// It ends once every document was stored and put away.
process.on("SIGTERM", () => {
  server.hocuspocus.closeConnections();
  setInterval(() => {
    if (server.hocuspocus.getDocumentsCount() === 0) process.exit(0);
  }, 20);
});
