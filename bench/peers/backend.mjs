// The backend of all measurements: answers on a bare socket, as cheaply as Node can. Prints its port.
import { createServer } from 'node:net';

const BODY = 'x'.repeat(200);
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);
const END = Buffer.from('\r\n\r\n');

createServer({ noDelay: true }, (socket) => {
  let head = Buffer.alloc(0);
  let missing = 0;
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      if (missing > 0) {
        const taken = Math.min(missing, rest.length);
        missing -= taken;
        rest = rest.subarray(taken);
        if (missing === 0) socket.write(ANSWER);
        continue;
      }
      head = head.length === 0 ? rest : Buffer.concat([head, rest]);
      const end = head.indexOf(END);
      if (end < 0) return;
      missing = Number(/content-length: (\d+)/i.exec(head.toString('latin1', 0, end))?.[1] ?? 0);
      rest = head.subarray(end + 4);
      head = Buffer.alloc(0);
      if (missing === 0) socket.write(ANSWER);
    }
  });
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
