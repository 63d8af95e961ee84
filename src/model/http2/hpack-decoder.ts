import { SessionError } from './http2-words.ts';
import { decodeHuffman } from './huffman.ts';
import { type Field, STATIC_FIELDS } from './static-table.ts';

/**
 * Reads header blocks (RFC 7541). What both ends remember of earlier fields must stay the same, so every block of a
 * connection goes through here, wanted or not, and a block that cannot be read ends the connection.
 */

/** Takes the fields of a block in order. The name is not checked: it may hold anything. */
export type TakeField = (name: string, value: string) => void;

/** The most that is remembered, bytes by HPACK's reckoning: what a peer may assume unless told otherwise. */
export const TABLE_BYTES = 4096;
/** Of each entry, beside its text (section 4.1). */
const ENTRY_BYTES = 32;
const MOST_LENGTH = 1 << 24;

/** The reading end of one connection's header blocks. */
export class HpackDecoder {
  /** Newest last. */
  private entries: Field[] = [];
  private bytes = 0;
  private most = TABLE_BYTES;
  private block: Buffer = Buffer.alloc(0);
  private at = 0;

  /** @throws SessionError with COMPRESSION_ERROR. */
  decode(block: Buffer, take: TakeField): void {
    this.block = block;
    this.at = 0;
    let mayResize = true;
    while (this.at < block.length) {
      const first = block[this.at] as number;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw broken('a change of the table in the middle of a block');
        this.resize(this.readInteger(5));
        continue;
      }
      mayResize = false;
      this.readField(first, take);
    }
  }

  private readField(first: number, take: TakeField): void {
    if ((first & 0x80) !== 0) {
      const { name, value } = this.entry(this.readInteger(7));
      take(name, value);
      return;
    }
    const isKept = (first & 0x40) !== 0;
    const index = this.readInteger(isKept ? 6 : 4);
    const name = index === 0 ? this.readString() : this.entry(index).name;
    const value = this.readString();
    if (isKept) this.keep({ name, value });
    take(name, value);
  }

  private entry(index: number): Field {
    const known =
      index <= STATIC_FIELDS.length
        ? STATIC_FIELDS[index - 1]
        : this.entries[this.entries.length - (index - STATIC_FIELDS.length)];
    if (known === undefined) throw broken('an index that stands for nothing');
    return known;
  }

  private keep(field: Field): void {
    this.bytes += sizeOf(field);
    this.entries.push(field);
    this.evict();
  }

  private resize(bytes: number): void {
    if (bytes > TABLE_BYTES) throw broken('a table larger than allowed');
    this.most = bytes;
    this.evict();
  }

  private evict(): void {
    let gone = 0;
    while (this.bytes > this.most) this.bytes -= sizeOf(this.entries[gone++] as Field);
    if (gone > 0) this.entries.splice(0, gone);
  }

  /** An integer whose first byte has so many bits for it (section 5.1). */
  private readInteger(prefixBits: number): number {
    const full = (1 << prefixBits) - 1;
    let value = this.nextByte() & full;
    if (value < full) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.nextByte();
      value += (byte & 0x7f) * 2 ** shift;
      if (value > MOST_LENGTH || shift > 28) throw broken('an integer that is too large');
      if ((byte & 0x80) === 0) return value;
    }
  }

  private readString(): string {
    const isHuffman = ((this.block[this.at] ?? 0) & 0x80) !== 0;
    const length = this.readInteger(7);
    const start = this.at;
    const end = start + length;
    if (end > this.block.length) throw broken('a string that goes on after its block');
    this.at = end;
    if (!isHuffman) return this.block.toString('latin1', start, end);
    const text = decodeHuffman(this.block, start, end);
    if (text === null) throw broken('a string that is not in the Huffman code');
    return text;
  }

  private nextByte(): number {
    const byte = this.block[this.at++];
    if (byte === undefined) throw broken('a block that ends in the middle of a field');
    return byte;
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + ENTRY_BYTES;
}

function broken(message: string): SessionError {
  return new SessionError('COMPRESSION_ERROR', message);
}
