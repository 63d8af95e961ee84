import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Content-Type of RFC 9457. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** A problem's body. `detail` is for the person who asked; it never holds a stack. */
export function problemBody(status: number, detail: string): string {
  const title = STATUS_CODES[status] ?? 'Error';
  return `${JSON.stringify({ type: 'about:blank', title, status, detail })}\n`;
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).type(PROBLEM_TYPE).send(problemBody(status, detail));
}
