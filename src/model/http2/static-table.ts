/** A field as a header block has it: the name in lower case. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** The table that every HPACK coder knows (RFC 7541 appendix A). Its first entry has the index 1. */
const ENTRIES: readonly string[] = [
  ':authority',
  ':method GET',
  ':method POST',
  ':path /',
  ':path /index.html',
  ':scheme http',
  ':scheme https',
  ':status 200',
  ':status 204',
  ':status 206',
  ':status 304',
  ':status 400',
  ':status 404',
  ':status 500',
  'accept-charset',
  'accept-encoding gzip, deflate',
  'accept-language',
  'accept-ranges',
  'accept',
  'access-control-allow-origin',
  'age',
  'allow',
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'etag',
  'expect',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'link',
  'location',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'referer',
  'refresh',
  'retry-after',
  'server',
  'set-cookie',
  'strict-transport-security',
  'transfer-encoding',
  'user-agent',
  'vary',
  'via',
  'www-authenticate',
];

/** The entries in order; that of index 1 is the first. */
export const STATIC_FIELDS: readonly Field[] = ENTRIES.map((entry) => {
  const [name = '', ...value] = entry.split(' ');
  return { name, value: value.join(' ') };
});

/** The lowest index that has this name. */
export const STATIC_NAMES: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.map(({ name }, at) => [name, at + 1] as const).reverse(),
);

/** The index of a field that stands there with its value, by `name: value`. */
export const STATIC_PAIRS: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.map(({ name, value }, at) => [`${name}: ${value}`, at + 1] as const).filter(
    (_, at) => (STATIC_FIELDS[at] as Field).value !== '',
  ),
);
