import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSearch, type Needle } from '../../../local/residue/byte-search.ts';
import { unpack } from '../../../local/residue/unpack.ts';

const needle = (text: string, asWord = false): Needle => ({ kind: 'name', label: 'a name', text, asWord });
const finds = (text: string, hay: string | Uint8Array): boolean =>
  new ByteSearch([needle(text)]).in(Buffer.from(hay as string)).length > 0;

/** Names, mail addresses and phone numbers are such texts. */
const someText = fc.string({ unit: 'grapheme', minLength: 5, maxLength: 40 });
const anything = fc.uint8Array({ maxLength: 40 });

const asciiJson = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const writings: Record<string, (text: string) => string | Uint8Array> = {
  'UTF-8': (text) => text,
  'other letters, small and large': (text) => text.replaceAll(/[A-Za-z]/g, swapped),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  JSON: (text) => JSON.stringify({ said: text }),
  'JSON within JSON within JSON': (text) => JSON.stringify(JSON.stringify(JSON.stringify([text]))),
  'JSON in ASCII': asciiJson,
  'JSON in ASCII within JSON': (text) => JSON.stringify({ body: asciiJson(text) }),
  'an address': (text) => `https://example.com/?who=${encodeURIComponent(text)}`,
  hex: (text) => Buffer.from(text).toString('hex'),
};

test.each(Object.keys(writings))('finds a text written as %s, whatever stands around it', (name) => {
  fc.assert(
    fc.property(someText, anything, anything, (text, before, after) => {
      const written = writings[name]?.(text) ?? '';
      expect(finds(text, Buffer.concat([before, Buffer.from(written as string), after]))).toBe(true);
    }),
  );
});

test.each(['base64', 'base64url'] as const)(
  'finds a text in %s, at any place of what was encoded',
  (encoding) => {
    fc.assert(
      fc.property(someText, anything, anything, (text, before, after) => {
        const encoded = Buffer.concat([before, Buffer.from(text), after]).toString(encoding);
        expect(finds(text, `{"token":"${encoded}"}`)).toBe(true);
      }),
    );
  },
);

test('finds nothing where nothing is', () => {
  fc.assert(
    fc.property(anything, (hay) => {
      expect(finds('Ada Almeida', hay)).toBe(false);
    }),
  );
  expect(finds('Ada Almeida', 'Ada  Almeida, Ada_Almeida and Almeida, Ada')).toBe(false);
});

test('of many needles it tells those that are there, each with how it is written', () => {
  const search = new ByteSearch(['Ada Almeida', 'Bruno Berger', 'Chiara Castro'].map((text) => needle(text)));
  const hay = `ada almeida ${Buffer.from('xBruno Berger').toString('base64')}`;
  const told = search.in(Buffer.from(hay)).map(({ needle: { text }, encoding }) => `${text} ${encoding}`);
  expect(told).toEqual(['Ada Almeida utf-8', 'Bruno Berger base64']);
});

test('a word counts only where it stands alone', () => {
  const search = new ByteSearch([needle('Berger', true)]);
  const isIn = (hay: string, encoding: 'utf8' | 'utf16le' = 'utf8'): boolean =>
    search.in(Buffer.from(hay, encoding)).length > 0;
  expect(isIn('bruno.berger@contoso.example')).toBe(true);
  expect(isIn('Berger')).toBe(true);
  expect(isIn('Lindberger')).toBe(false);
  expect(isIn('Berger7')).toBe(false);
  expect(isIn('7Berger Berger')).toBe(true);
  expect(isIn('Bruno Berger', 'utf16le')).toBe(true);
  expect(isIn('BrunoBerger', 'utf16le')).toBe(false);
});

test('a needle that is too short to mean anything is refused, without being repeated', () => {
  expect(() => new ByteSearch([needle('Ada')])).toThrow('A needle is too short: a name.');
});

const inZip = (text: string): Buffer => {
  const header = Buffer.alloc(30);
  header.write('PK\u0003\u0004', 'latin1');
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(3, 26);
  return Buffer.concat([header, Buffer.from('a.x'), deflateRawSync(text)]);
};

/** As the program of that name writes it: the file's name behind the header, as a flag says. */
const named = (packed: Buffer): Buffer => {
  const header = Buffer.from(packed.subarray(0, 10));
  header[3] = 8;
  return Buffer.concat([header, Buffer.from('users.json\0'), packed.subarray(10)]);
};

test.each([
  ['gzip', gzipSync],
  ['gzip with a file name', (text: string) => named(gzipSync(text))],
  ['zlib', deflateSync],
  ['gzip in base64', (text: string) => Buffer.from(`"${gzipSync(text).toString('base64')}"`)],
  ['a ZIP file', inZip],
])('what is packed as %s is unpacked, wherever it begins and whatever follows', (_name, pack) => {
  fc.assert(
    fc.property(someText, fc.uint8Array({ maxLength: 9 }), (text, around) => {
      const packed = Buffer.concat([around, pack(text), Buffer.from('\n'), around]);
      expect(unpack(packed).map(({ bytes }) => bytes.toString())).toContain(text);
    }),
  );
});

test('what only looks packed is left alone', () => {
  expect(unpack(Buffer.from([0x1f, 0x8b, 0x08, 1, 2, 3, 0x78, 0x9c, 9, 9, 9]))).toEqual([]);
});

function swapped(letter: string): string {
  const large = letter.toUpperCase();
  return letter === large ? letter.toLowerCase() : large;
}
