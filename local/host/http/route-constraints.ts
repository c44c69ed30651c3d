/** The inline constraints of route templates, as ASP.NET Core has them (Routing, route constraint reference). */

type Constraint = (value: string) => boolean;

const matching =
  (pattern: RegExp): Constraint =>
  (value) =>
    pattern.test(value);

/** A whole number that fits into .NET's signed type of so many bits. */
function integerOf(bits: bigint): Constraint {
  const limit = 2n ** (bits - 1n);
  return (value) => {
    if (!/^[+-]?\d{1,20}$/.test(value)) return false;
    const number = BigInt(value.replace('+', ''));
    return number >= -limit && number < limit;
  };
}

const realNumber = matching(/^[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i);

const plain: Readonly<Record<string, Constraint>> = {
  int: integerOf(32n),
  long: integerOf(64n),
  bool: matching(/^(true|false)$/i),
  guid: matching(
    /^(\{[0-9a-f-]{36}\}|\([0-9a-f-]{36}\)|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i,
  ),
  alpha: matching(/^[a-z]*$/i),
  decimal: matching(/^[+-]?(\d[\d,]*\.?\d*|\.\d+)$/),
  double: realNumber,
  float: realNumber,
  datetime: (value) => /\d/.test(value) && !/^[\d.]*$/.test(value) && !Number.isNaN(Date.parse(value)),
  file: matching(/[^/]*\.[^./]+$/),
  nonfile: (value) => !/[^/]*\.[^./]+$/.test(value),
  required: (value) => value !== '',
};

const withArguments: Readonly<Record<string, (text: string, numbers: readonly number[]) => Constraint>> = {
  regex: (text) => matching(new RegExp(text, 'i')),
  length:
    (_text, [least = 0, most = least]) =>
    (value) =>
      value.length >= least && value.length <= most,
  minlength:
    (_text, [least = 0]) =>
    (value) =>
      value.length >= least,
  maxlength:
    (_text, [most = 0]) =>
    (value) =>
      value.length <= most,
  min:
    (_text, [least = 0]) =>
    (value) =>
      isLong(value) && Number(value) >= least,
  max:
    (_text, [most = 0]) =>
    (value) =>
      isLong(value) && Number(value) <= most,
  range:
    (_text, [least = 0, most = least]) =>
    (value) =>
      isLong(value) && Number(value) >= least && Number(value) <= most,
};

const isLong = integerOf(64n);

/** @throws when ASP.NET Core has no such constraint, or its arguments are no numbers where numbers belong. */
export function constraintOf(text: string): Constraint {
  const [, name = '', argument] = /^(\w+)(?:\((.*)\))?$/s.exec(text.trim()) ?? [];
  const known = argument === undefined ? plain[name.toLowerCase()] : undefined;
  if (known) return known;
  const make = argument === undefined ? undefined : withArguments[name.toLowerCase()];
  if (make === undefined || argument === undefined) {
    throw new Error(`Route constraint "${text}" is not known to this host.`);
  }
  const numbers = name.toLowerCase() === 'regex' ? [] : argument.split(',').map(Number);
  if (numbers.some(Number.isNaN)) throw new Error(`Route constraint "${text}" needs numbers.`);
  return make(argument, numbers);
}
