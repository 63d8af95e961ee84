/** How log lines look: one JSON object, coloured text for people, or (access log) Apache's combined format. */
export const LOG_FORMATS = ['json', 'pretty', 'combined'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The least severe lines that are written. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
