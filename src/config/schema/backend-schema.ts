import { z } from 'zod';
import { mustBe } from '../schema-messages.ts';
import { breakerSchema, healthSchema } from './health-schema.ts';
import { bool, count, duration, text } from './values.ts';

/** Keys of a backend: of `legacy`, and of every feature. */
export const backendKeys = {
  url: text
    .optional()
    .describe('Where it is: http or https, a name or an address, a port; a path is a base path.'),
  urls: z.array(text).min(1).optional().describe('Several of them, instead of `url`.'),
  host: text.optional().describe("The Host sent to it: keep (the client's), backend (the url's), or a name."),
  balance: z
    .string()
    .regex(/^(?:least_requests|ip|cookie:.+)$/, { error: 'must be least_requests, ip or cookie:NAME' })
    .optional()
    .describe('How one of its endpoints is chosen: least_requests, ip, or cookie:NAME.'),
  timeouts: z
    .strictObject({
      connect: duration.optional().describe('First packet to connection, TLS included.'),
      response: duration.optional().describe("Last byte of the request to the answer's head."),
      idle: duration.optional().describe('Between bytes.'),
    })
    .optional()
    .describe('Time limits; 0 is none.'),
  max_in_flight: count.optional().describe('Requests at a time; 0 is no limit.'),
  queue: duration.optional().describe('How long a request above max_in_flight waits.'),
  health: healthSchema.optional().describe('Active checks of each endpoint.'),
  breaker: breakerSchema
    .optional()
    .describe('When an endpoint is left alone; on for features, off for legacy.'),
  hold_while_down: duration.optional().describe('How long requests wait while no endpoint accepts.'),
  tls: z
    .strictObject({
      ca: text.optional().describe("A PEM file, beside the system's authorities."),
      server_name: text.optional().describe('The name that its certificate must have.'),
      cert: text.optional().describe("The router's own certificate, a PEM file."),
      key: text.optional().describe('The key of it, a PEM file.'),
      insecure: bool.optional().describe('Do not verify its certificate.'),
    })
    .optional()
    .describe('TLS to it.'),
  http2: bool.optional().describe('h2, or h2c with http://.'),
};

/** `legacy`: its url, or a mapping. */
export const legacySchema = z.union([text, z.strictObject(backendKeys)], {
  error: (issue) =>
    issue.input === undefined ? 'is required: the url of the monolith' : mustBe('a url or a mapping')(issue),
});

/** A backend as written, checked. */
export type BackendFile = z.output<z.ZodObject<typeof backendKeys>>;
