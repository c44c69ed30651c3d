/** Finds what is compressed within other bytes: gzip and zlib streams, gzip in base64, and the members of ZIP files. */
import { constants, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';

export interface Unpacked {
  readonly form: 'gzip' | 'zlib' | 'zip';
  readonly bytes: Buffer;
}

/** What may follow, or be missing, is of no interest. */
const lenient: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 256 * 1024 * 1024 };

/** Everything that can be unpacked, wherever it begins. What only looks compressed is left out. */
export function unpack(bytes: Buffer): Unpacked[] {
  const found: Unpacked[] = [];
  const attempt = (form: Unpacked['form'], open: () => Buffer): void => {
    try {
      const opened = open();
      if (opened.length > 0) found.push({ form, bytes: opened });
    } catch {
      // It only looked like it.
    }
  };
  for (const start of placesOf(bytes, [0x1f, 0x8b, 0x08])) {
    attempt('gzip', () => gunzip(bytes.subarray(start)));
  }
  for (const level of [0x01, 0x5e, 0x9c, 0xda]) {
    for (const start of placesOf(bytes, [0x78, level])) {
      attempt('zlib', () => inflateSync(bytes.subarray(start), lenient));
    }
  }
  for (const start of placesOf(bytes, Buffer.from('PK\u0003\u0004'))) {
    if (start + 30 > bytes.length || bytes.readUInt16LE(start + 8) !== 8) continue;
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    attempt('zip', () => inflateRawSync(bytes.subarray(content), lenient));
  }
  for (const start of placesOf(bytes, Buffer.from('H4sI'))) {
    const [text = ''] = /^[\w+/-]+/.exec(bytes.toString('latin1', start)) ?? [];
    attempt('gzip', () => gunzip(Buffer.from(text, 'base64')));
  }
  return found;
}

/** Node's own does not take what follows a stream; so the header is skipped here (RFC 1952), and the rest is plain deflate. */
function gunzip(bytes: Buffer): Buffer {
  const flags = bytes.readUInt8(3);
  let start = 10;
  if ((flags & 4) !== 0) start += 2 + bytes.readUInt16LE(start);
  for (const text of [8, 16]) if ((flags & text) !== 0) start = bytes.indexOf(0, start) + 1;
  if ((flags & 2) !== 0) start += 2;
  return inflateRawSync(bytes.subarray(start), lenient);
}

function* placesOf(bytes: Buffer, mark: readonly number[] | Buffer): Generator<number> {
  const sought = Buffer.from(mark);
  for (let at = bytes.indexOf(sought); at >= 0; at = bytes.indexOf(sought, at + 1)) yield at;
}
