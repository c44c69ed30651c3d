/** Finds any of many texts in bytes, in whichever of the usual encodings they are there. */
import type { DataKind } from '../../domain/data-map/words.ts';

/** Something that is looked for. */
export interface Needle {
  /** At least four characters. */
  readonly text: string;
  readonly kind: DataKind;
  /** Tells what it is without saying it. */
  readonly label: string;
  /** Counts only where neither letter nor digit stands beside it: for texts that chance could make. */
  readonly asWord?: boolean;
}

export interface Hit {
  readonly needle: Needle;
  readonly encoding: string;
}

interface Pattern extends Hit {
  readonly bytes: Buffer;
  /** How many bytes a letter beside it would take; 0 where what stands beside it does not matter. */
  readonly wordStep: number;
}

/** A set of needles, prepared once for many searches: a search takes about the same time for few as for many. */
export class ByteSearch {
  /** By their first four bytes. */
  readonly #anyCase = new Map<number, Pattern[]>();
  readonly #exactCase = new Map<number, Pattern[]>();

  /** @throws RangeError for a needle that is too short to mean anything. */
  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      if (needle.text.length < 4) throw new RangeError(`A needle is too short: ${needle.label}.`);
      for (const [encoding, bytes] of anyCaseForms(needle.text)) {
        const wordStep = needle.asWord === true ? (encoding === 'utf-16' ? 2 : 1) : 0;
        add(this.#anyCase, { needle, encoding, bytes: withSmallLetters(bytes), wordStep });
      }
      for (const [encoding, bytes] of base64Forms(needle.text)) {
        add(this.#exactCase, { needle, encoding, bytes, wordStep: 0 });
      }
    }
  }

  /** What is there, each needle once for each encoding. */
  in(bytes: Uint8Array): Hit[] {
    const found = new Set<Pattern>();
    collect(withSmallLetters(bytes), this.#anyCase, found);
    collect(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), this.#exactCase, found);
    return [...found].map(({ needle, encoding }) => ({ needle, encoding }));
  }
}

function add(patterns: Map<number, Pattern[]>, pattern: Pattern): void {
  const head = pattern.bytes.readUInt32BE(0);
  const alike = patterns.get(head) ?? [];
  // One text may be written alike in several encodings; the plainest stands for all.
  if (alike.some(({ bytes, needle }) => needle === pattern.needle && bytes.equals(pattern.bytes))) return;
  patterns.set(head, [...alike, pattern]);
}

function collect(hay: Buffer, patterns: ReadonlyMap<number, Pattern[]>, found: Set<Pattern>): void {
  let head = 0;
  for (let end = 0; end < hay.length; end += 1) {
    head = ((head << 8) | (hay[end] ?? 0)) >>> 0;
    const candidates = end < 3 ? undefined : patterns.get(head);
    if (candidates === undefined) continue;
    for (const pattern of candidates) if (isAt(hay, end - 3, pattern)) found.add(pattern);
  }
}

function isAt(hay: Buffer, start: number, { bytes, wordStep }: Pattern): boolean {
  const end = start + bytes.length;
  if (end > hay.length || hay.compare(bytes, 0, bytes.length, start, end) !== 0) return false;
  return wordStep === 0 || (!isWordAt(hay, start - wordStep) && !isWordAt(hay, end));
}

/** Letters are small ones here. */
function isWordAt(hay: Buffer, place: number): boolean {
  const byte = hay[place] ?? 0;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

function withSmallLetters(bytes: Uint8Array): Buffer {
  const small = Buffer.from(bytes);
  for (let place = 0; place < small.length; place += 1) {
    const byte = small[place] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) small[place] = byte + 0x20;
  }
  return small;
}

/** JSON within JSON within JSON is how durable histories hold what they hold. */
const jsonDepth = 4;

function anyCaseForms(text: string): [string, Buffer][] {
  const json = [JSON.stringify(text).slice(1, -1), asciiOnly(text)].flatMap((form) => {
    const nested = [form];
    for (let depth = 1; depth < jsonDepth; depth += 1) {
      nested.push(JSON.stringify(nested.at(-1)).slice(1, -1));
    }
    return nested;
  });
  const percent = encodeURIComponent(text);
  return [
    ['utf-8', Buffer.from(text)],
    ['utf-16', Buffer.from(text, 'utf16le')],
    ...json.map((form): [string, Buffer] => ['json', Buffer.from(form)]),
    ['url', Buffer.from(percent)],
    ['url', Buffer.from(percent.replaceAll('%20', '+'))],
    ['hex', Buffer.from(Buffer.from(text).toString('hex'))],
  ];
}

function asciiOnly(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As part of something longer, the text may begin at any of three places in a group of four characters. */
function base64Forms(text: string): [string, Buffer][] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before): [string, Buffer][] => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The characters at either end that its neighbours have a share in are left out.
    const own = encoded.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6));
    if (own.length < 4) return [];
    return [
      ['base64', Buffer.from(own)],
      ['base64', Buffer.from(own.replaceAll('+', '-').replaceAll('/', '_'))],
    ];
  });
}
