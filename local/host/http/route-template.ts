/** Route templates as functions write them: `users/{id:guid}/files/{*path}` (ASP.NET Core routing, template reference). */
import { constraintOf } from './route-constraints.ts';

interface Parameter {
  readonly name: string;
  readonly constraints: readonly ((value: string) => boolean)[];
  readonly optional: boolean;
  readonly otherwise: string | undefined;
  readonly takesRest: boolean;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'value'; readonly parameter: Parameter }
  | { readonly kind: 'mixed'; readonly regex: RegExp; readonly parameters: readonly Parameter[] };

export class RouteTemplate {
  readonly text: string;
  readonly #segments: readonly Segment[];

  /** @throws when the template cannot be read, or has a constraint this host does not know. */
  constructor(text: string) {
    this.text = text;
    this.#segments = splitOutsideBraces(text, '/')
      .filter((part) => part !== '')
      .map(parseSegment);
  }

  /** The route's values for a path of decoded segments; nothing when it does not match. */
  match(path: readonly string[]): Record<string, string> | undefined {
    const values: Record<string, string> = {};
    for (const [index, segment] of this.#segments.entries()) {
      if (segment.kind === 'value' && segment.parameter.takesRest) {
        const rest = path.slice(index).join('/');
        return take(segment.parameter, rest, values) ? values : undefined;
      }
      if (!matchSegment(segment, path[index], values)) return undefined;
    }
    return path.length > this.#segments.length ? undefined : values;
  }

  /** Of two matching routes the one with the smaller text wins: literals before constrained values before any others. */
  get precedence(): string {
    return this.#segments.map(weightOf).join('');
  }
}

function matchSegment(segment: Segment, part: string | undefined, values: Record<string, string>): boolean {
  if (segment.kind === 'value') return take(segment.parameter, part ?? '', values);
  if (part === undefined) return false;
  if (segment.kind === 'literal') return segment.text.toLowerCase() === part.toLowerCase();
  const found = segment.regex.exec(part);
  return (
    found !== null && segment.parameters.every((one, index) => take(one, found[index + 1] ?? '', values))
  );
}

/** Puts the parameter's value among the others; false when there is none and one is needed, or a constraint is not met. */
function take(parameter: Parameter, given: string, values: Record<string, string>): boolean {
  const { name, constraints, optional, otherwise, takesRest } = parameter;
  if (given === '' && otherwise === undefined && optional) return true;
  const value = given === '' ? otherwise : given;
  if (value === undefined && !takesRest) return false;
  values[name] = value ?? '';
  if (takesRest && given === '') return true;
  return constraints.every((isMet) => isMet(value ?? ''));
}

function parseSegment(text: string): Segment {
  const parts = text.split(/(\{(?:[^{}]|\{\{|\}\})*\})/).filter((part) => part !== '');
  if (parts.every((part) => !part.startsWith('{'))) return { kind: 'literal', text };
  const [first = ''] = parts;
  if (parts.length === 1) return { kind: 'value', parameter: parseParameter(first) };
  const parameters: Parameter[] = [];
  let pattern = '';
  for (const part of parts) {
    if (!part.startsWith('{')) {
      pattern += part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      continue;
    }
    const parameter = parseParameter(part);
    parameters.push(parameter);
    // The dot before an optional extension is optional with it.
    pattern =
      parameter.optional && pattern.endsWith(String.raw`\.`)
        ? `${pattern.slice(0, -2)}(?:\\.(.+?))?`
        : `${pattern}(.+?)`;
  }
  return { kind: 'mixed', regex: new RegExp(`^${pattern}$`, 'is'), parameters };
}

/** `{name}`, `{*rest}`, `{name:constraint(argument):another?}`, `{name=default}`. */
function parseParameter(text: string): Parameter {
  const inner = text.slice(1, -1).replaceAll('{{', '{').replaceAll('}}', '}');
  const optional = inner.endsWith('?');
  const [head = '', ...rest] = splitOutsideBraces(optional ? inner.slice(0, -1) : inner, ':');
  const last = rest.at(-1) ?? head;
  const assigned = /^([^=(]*(?:\(.*\))?)=(.*)$/s.exec(last);
  const otherwise = assigned?.[2];
  const bare = assigned?.[1] ?? last;
  const constraints = rest.length === 0 ? [] : [...rest.slice(0, -1), bare];
  const name = rest.length === 0 ? bare : head;
  return {
    name: name.replace(/^\*{1,2}/, ''),
    constraints: constraints.map(constraintOf),
    optional,
    otherwise,
    takesRest: name.startsWith('*'),
  };
}

/** Splits at `separator` where it is in no brace and in no parenthesis: constraints may contain it. */
function splitOutsideBraces(text: string, separator: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const [index, character] of text.split('').entries()) {
    const isEscaped = text[index - 1] === '\\';
    if (!isEscaped && '{('.includes(character)) depth += 1;
    if (!isEscaped && '})'.includes(character)) depth -= 1;
    if (depth === 0 && character === separator) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** As ASP.NET Core weighs a segment (RoutePrecedence.ComputeInbound). */
function weightOf(segment: Segment): string {
  if (segment.kind === 'literal') return '1';
  if (segment.kind === 'mixed') return '2';
  const { takesRest, constraints } = segment.parameter;
  return String((takesRest ? 5 : 3) - (constraints.length > 0 ? 1 : 0));
}
