// The image's HEALTHCHECK: exit 0 if the router in this container says that it is ready.
import { get } from 'node:http';

const [, host = '', port = '9901'] = /^\[?(.*?)\]?:(\d+)$/.exec(process.env.ADMIN_LISTEN ?? '') ?? [];
const everywhere = host === '' || host === '0.0.0.0' || host === '::';
const request = get(
  { host: everywhere ? '127.0.0.1' : host, port, path: '/readyz', timeout: 2000 },
  (answer) => {
    process.exit(answer.statusCode === 200 ? 0 : 1);
  },
);
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
