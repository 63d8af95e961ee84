import type { ClientSetting, LoadClient } from './load-client.ts';
import { MessageClient } from './message-client.ts';
import { RequestClient } from './request-client.ts';
import { StreamClient } from './stream-client.ts';

/** A client of the plan's kind, not connected yet. */
export function clientFor(setting: ClientSetting): LoadClient {
  switch (setting.plan.kind) {
    case 'requests':
    case 'connections':
      return new RequestClient(setting);
    case 'streams':
      return new StreamClient(setting);
    case 'messages':
      return new MessageClient(setting);
  }
}
