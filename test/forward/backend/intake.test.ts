import { expect, it } from 'vitest';
import { Intake } from '../../../src/forward/backend/intake.ts';

/** An intake, its shared buffer, and a kernel that writes where it is told. */
function setUp(): { intake: Intake; shared: Buffer; taken: Buffer[]; read(text: string): Buffer } {
  const shared = Buffer.alloc(64 * 1024);
  const intake = new Intake(shared);
  const taken: Buffer[] = [];
  intake.readInto((bytes) => {
    taken.push(bytes);
    return true;
  });
  const { buffer, callback } = intake.onread;
  let into = (buffer as () => Uint8Array)() as Buffer;
  const read = (text: string): Buffer => {
    const used = into;
    used.write(text, 'latin1');
    callback(text.length, used);
    into = (buffer as () => Uint8Array)() as Buffer;
    return used;
  };
  return { intake, shared, taken, read };
}

it('small answers come through the buffer that all share', () => {
  const { shared, taken, read } = setUp();
  expect(read('a'.repeat(4096))).toBe(shared);
  expect(read('b')).toBe(shared);
  expect(taken.map((bytes) => bytes.length)).toEqual([4096, 1]);
});

it('larger pieces, which may be lent, lie in a buffer of the connection’s own', () => {
  const { shared, taken, read } = setUp();
  read('a'.repeat(10_000));
  shared.fill('x');
  expect(taken[0]?.toString()).toBe('a'.repeat(10_000));
  expect(read('b')).not.toBe(shared);
});

it('its own buffer is kept while idle by who had use for it, unless its bytes are lent', () => {
  const { intake, shared, taken, read } = setUp();
  read('a'.repeat(10_000));
  const own = read('b'.repeat(10_000));
  intake.idle(false);
  expect(read('c')).toBe(own);
  intake.idle(false);
  expect(read('d')).toBe(own); // where the kernel was told before
  expect(read('e')).toBe(shared);
  read('f'.repeat(5_000));
  intake.idle(true);
  read('g'); // into the one that was told
  read('h'.repeat(5_000));
  expect(taken.at(-1)?.toString()).toBe('h'.repeat(5_000));
});

it('a buffer that is filled gives way to a larger one, and keeps what it held', () => {
  const { taken, read } = setUp();
  read('a'.repeat(16_384));
  const filled = read('b'.repeat(16_384));
  expect(read('c').length).toBe(64 * 1024);
  expect(taken[1]?.buffer).toBe(filled.buffer);
  expect(taken[1]?.toString()).toBe('b'.repeat(16_384));
});
