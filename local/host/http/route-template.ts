/** Route templates as functions write them: `users/{id:guid}/files/{*path}` (ASP.NET Core routing, inline constraints). */

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'pattern';
      readonly regex: RegExp;
      readonly parameters: readonly Parameter[];
      readonly optional: boolean;
    }
  | { readonly kind: 'rest'; readonly name: string };

interface Parameter {
  readonly name: string;
  readonly constraints: readonly RegExp[];
}

const constraintPatterns: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  bool: /^(true|false)$/i,
  guid: /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
  alpha: /^[a-z]+$/i,
  decimal: /^-?\d+(\.\d+)?$/,
  double: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  float: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
};

export class RouteTemplate {
  readonly text: string;
  readonly #segments: readonly Segment[];

  /** @throws when the template has a constraint this host does not know. */
  constructor(text: string) {
    this.text = text;
    this.#segments = text
      .split('/')
      .filter((part) => part !== '')
      .map(parseSegment);
  }

  /** The route's values for a path of decoded segments; nothing when it does not match. */
  match(path: readonly string[]): Record<string, string> | undefined {
    const values: Record<string, string> = {};
    for (const [index, segment] of this.#segments.entries()) {
      if (segment.kind === 'rest') {
        values[segment.name] = path.slice(index).join('/');
        return values;
      }
      const part = path[index];
      if (part === undefined) {
        if (segment.kind === 'pattern' && segment.optional) continue;
        return undefined;
      }
      if (!matchSegment(segment, part, values)) return undefined;
    }
    return path.length > this.#segments.length ? undefined : values;
  }

  /** Of two matching routes the one with the smaller text wins: literals before constrained values before any others. */
  get precedence(): string {
    return this.#segments.map(weightOf).join('');
  }
}

function matchSegment(
  segment: Exclude<Segment, { kind: 'rest' }>,
  part: string,
  values: Record<string, string>,
): boolean {
  if (segment.kind === 'literal') return segment.text.toLowerCase() === part.toLowerCase();
  const found = segment.regex.exec(part);
  if (!found) return false;
  return segment.parameters.every((parameter, index) => {
    const value = found[index + 1] ?? '';
    values[parameter.name] = value;
    return parameter.constraints.every((constraint) => constraint.test(value));
  });
}

function parseSegment(text: string): Segment {
  if (!text.includes('{')) return { kind: 'literal', text };
  const rest = /^\{\*{1,2}([^}:]+)\}$/.exec(text);
  if (rest) return { kind: 'rest', name: rest[1] ?? '' };
  const parameters: Parameter[] = [];
  let optional = false;
  const pattern = text.split(/(\{[^}]*\})/).map((part) => {
    if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const [first = '', ...constraints] = part.slice(1, -1).split(':');
    optional ||= part.endsWith('?}');
    const [name = ''] = first.replace(/\?$/, '').split('=');
    parameters.push({ name, constraints: constraints.map((one) => constraintOf(one.replace(/\?$/, ''))) });
    return '(.+?)';
  });
  return { kind: 'pattern', regex: new RegExp(`^${pattern.join('')}$`, 's'), parameters, optional };
}

function constraintOf(text: string): RegExp {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  if (name === 'regex') return new RegExp(argument, 'i');
  if (name === 'minlength') return new RegExp(`^.{${Number(argument)},}$`, 's');
  if (name === 'maxlength') return new RegExp(`^.{0,${Number(argument)}}$`, 's');
  if (name === 'length') return new RegExp(`^.{${argument.replaceAll(' ', '')}}$`, 's');
  const known = constraintPatterns[name];
  if (!known) throw new Error(`Route constraint "${text}" is not known to this host.`);
  return known;
}

function weightOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.kind === 'rest') return '5';
  return segment.parameters.some(({ constraints }) => constraints.length > 0) ? '2' : '3';
}
