import { WebSocket } from 'ws';
import { MeasuredRouter, type MemoryFigures } from './measured-router.ts';
import { startPlainBackend } from './plain-answers.ts';

/** What open WebSockets hold of a router, in bytes each, and what is left when they are closed. */
export interface WebSocketFigures {
  readonly webSockets: number;
  /** Resident memory, garbage collected, after messages went both ways. */
  readonly each: number;
  /** Heap and external memory. */
  readonly living: number;
  /** Each time that all of them were closed: heap and external memory above the start, in bytes. */
  readonly leftOver: readonly number[];
}

const AT_A_TIME = 50;
const WARM = 100;
const MESSAGES = 5;
const MESSAGE = 'x'.repeat(1_000);

/** Opens so many WebSockets through a router, has messages echoed on each, and closes them; this many times. */
export async function measureWebSockets(webSockets: number, times: number): Promise<WebSocketFigures> {
  const backend = await startPlainBackend();
  const measured = await MeasuredRouter.start(`legacy: http://127.0.0.1:${backend.port}\n`);
  try {
    await closeAll(await openAll(measured, WARM));
    const start = await measured.figures();
    const first = await openAll(measured, webSockets);
    const open = await measured.figures();
    await closeAll(first);
    await measured.socketsAtMost(WARM);
    const leftOver = [living(await measured.figures()) - living(start)];
    while (leftOver.length < times) {
      await closeAll(await openAll(measured, webSockets));
      await measured.socketsAtMost(WARM);
      leftOver.push(living(await measured.figures()) - living(start));
    }
    return {
      webSockets,
      each: Math.round((open.rss - start.rss) / webSockets),
      living: Math.round((living(open) - living(start)) / webSockets),
      leftOver,
    };
  } finally {
    await measured.stop();
    await backend.close();
  }
}

function living({ heap, external }: MemoryFigures): number {
  return heap + external;
}

async function openAll({ router }: MeasuredRouter, count: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const size = Math.min(AT_A_TIME, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => openOne(router.port)))));
  }
  return sockets;
}

/** Resolves when its messages have come back. */
function openOne(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { perMessageDeflate: false });
    let echoed = 0;
    socket.once('error', reject);
    socket.on('open', () => socket.send(MESSAGE));
    socket.on('message', () => {
      echoed += 1;
      if (echoed < MESSAGES) socket.send(MESSAGE);
      else resolve(socket);
    });
  });
}

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket.once('close', resolve).close();
        }),
    ),
  );
}
