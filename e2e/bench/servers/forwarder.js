// The least that a server can do: what one device of a room sends goes to the others at once. It looks at nothing and keeps
// nothing, so that what is measured through it is what the clients and the way take by themselves.
//
//   node servers/forwarder.js PORT

import { WebSocketServer } from "ws";

const rooms = new Map();

new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) }).on("connection", (socket, { url }) => {
  const room = rooms.get(url) ?? new Set();
  rooms.set(url, room.add(socket));
  socket.on("message", (bytes) => {
    for (const other of room) if (other !== socket) other.send(bytes);
  });
  socket.on("close", () => room.delete(socket));
});
