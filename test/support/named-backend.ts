import { RawBackend, type RawReply, type RawRequest } from './raw-backend.ts';
import { echoFrames } from './websocket.ts';

/**
 * A backend that says its name on every answer (`X-Answered-By`), gives a request's body back, streams events at
 * `…/events` and echoes WebSocket frames at `…/ws`.
 */
export function startNamed(name: string, port = 0, host?: string): Promise<RawBackend> {
  return RawBackend.start((request, reply) => answerAs(name, request, reply), port, host);
}

/** The script of {@link startNamed}. */
export async function answerAs(name: string, request: RawRequest, reply: RawReply): Promise<void> {
  const path = request.target.split('?')[0]!;
  if (path.endsWith('/events')) return streamEvents(name, request, reply);
  if (path.endsWith('/ws') && request.header('upgrade') !== undefined) return echoFrames(request, reply);
  const body = await request.body();
  reply.send(200, [`X-Answered-By: ${name}`, 'Content-Type: application/octet-stream'], body);
}

/** How often an event comes, ms. */
const EVENT_MS = 20;

/** Events `data: name 0`, `data: name 1` … until the router leaves. */
async function streamEvents(name: string, request: RawRequest, reply: RawReply): Promise<void> {
  reply.write(
    `HTTP/1.1 200 OK\r\nX-Answered-By: ${name}\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  let number = 0;
  const timer = setInterval(() => {
    const event = `data: ${name} ${number++}\n\n`;
    reply.write(`${event.length.toString(16)}\r\n${event}\r\n`);
  }, EVENT_MS);
  await request.gone;
  clearInterval(timer);
}
