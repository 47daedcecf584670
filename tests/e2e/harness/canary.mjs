import { once } from "node:events";
import { createServer } from "node:net";

/** A port that nobody may reach: counts whoever connects, and answers with a page that would be seen. */
export async function startCanary() {
  const sockets = new Set();
  const seen = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    seen.push("connected");
    socket.on("data", (chunk) => seen.push(chunk.toString("latin1").split("\r\n")[0]));
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\naccess-control-allow-origin: *\r\n\r\n<title>canary</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    seen,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
