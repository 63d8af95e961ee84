import type { StartProblem } from './messages.ts';

interface ListenError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** An error as it crosses to another process. */
export function startProblem(error: unknown): StartProblem {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, address, port, hostname } = error as ListenError;
  return {
    message,
    ...(code !== undefined && { code }),
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
    ...(hostname !== undefined && { hostname }),
  };
}

/** The error again, as `listen` would have thrown it here. */
export function startError({ message, ...rest }: StartProblem): Error {
  return Object.assign(new Error(message), rest);
}
