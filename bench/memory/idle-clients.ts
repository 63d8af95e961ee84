import { connect, type Socket } from 'node:net';

/** Clients that open connections and then do nothing: what each of them costs a router. */

const AT_A_TIME = 200;
/** Of 127.0.0.0/8: each address has source ports of its own. */
const SOURCE_ADDRESSES = 50;
const REST_OF_REQUEST = [
  ' HTTP/1.1',
  'Host: shop.test',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Accept: application/json',
  'Cookie: session=0123456789abcdef0123456789abcdef',
  '\r\n',
].join('\r\n');
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** So many connections to a port on 127.0.0.1, from many addresses. */
export async function openConnections(port: number, count: number): Promise<Socket[]> {
  const open = (i: number): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const localAddress = `127.0.0.${2 + (i % SOURCE_ADDRESSES)}`;
      const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(socket));
    });
  return inBatches(count, open);
}

/** One GET on each, answered whole; the connections stay open. @throws when an answer is no 200. */
export async function askOnEach(sockets: readonly Socket[], target = '/api/orders/7'): Promise<void> {
  await inBatches(sockets.length, (i) => ask(sockets[i] as Socket, target));
}

function ask(socket: Socket, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    const closed = (): void => reject(new Error('the connection was closed'));
    const take = (bytes: Buffer): void => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const end = held.indexOf(END_OF_HEAD);
      if (end < 0) return;
      const head = held.toString('latin1', 0, end);
      const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (held.length < end + END_OF_HEAD.length + length) return;
      socket.off('data', take).off('close', closed);
      if (head.startsWith('HTTP/1.1 200 ')) resolve();
      else reject(new Error(head.split('\r\n')[0]));
    };
    socket.on('data', take);
    socket.once('close', closed);
    socket.write(`GET ${target}${REST_OF_REQUEST}`);
  });
}

/** Closes all, and waits until they are. */
export async function closeAll(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket.once('close', resolve).destroy();
        }),
    ),
  );
}

async function inBatches<T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let from = 0; from < count; from += AT_A_TIME) {
    const size = Math.min(AT_A_TIME, count - from);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, i) => make(from + i)))));
  }
  return made;
}
