/** What rules that are only tried would do: counted by what each side holds for people now, and what it would hold by them. */
import { z } from 'zod';
import { holdSchema, sideSchema, type Hold, type Side } from './presence.ts';
import type { SyncRules } from './sync-rules.ts';
import type { Decision, UserPresence } from './user-presence-state.ts';
import { applyRules, reconsider } from './user-presence.ts';

const heldSchema = z.enum(['nothing', ...holdSchema.options]);
type Held = z.infer<typeof heldSchema>;

const count = z.int().nonnegative();
/** How many people go from what is held for them to what would be. */
const movesSchema = z.record(heldSchema, z.record(heldSchema, count));
type Moves = z.infer<typeof movesSchema>;
const sideTallySchema = z.object({
  moves: movesSchema,
  /** Of those who would keep what is held for them, how many would have it written otherwise. */
  rewritten: count,
});
const tallySchema = z.object({ people: count, teams: sideTallySchema, ringCentral: sideTallySchema });

/** What the rules would do to a page of people. */
export const previewPageSchema = tallySchema.extend({
  /** Those for whom anything would be another, by their Entra object ids. */
  changed: z.array(z.string()),
  /** There are no more people. */
  isLast: z.boolean(),
});
export type PreviewPage = z.infer<typeof previewPageSchema>;

/** What one person's side holds now and would hold after that, and whether it would have to be written for that. */
interface SideOutlook {
  now: Hold | null;
  after: Hold | null;
  isWritten: boolean;
}
export type Outlook = Record<Side, SideOutlook> & { userId: string };

/**
 * What one person's sides hold by the rules for them and would hold by others from the instant `at` on, as far as is known what the
 * person does.
 */
export function outlookOf(
  { userId, state }: { userId: string; state: UserPresence },
  rules: SyncRules,
  at: string,
): Outlook {
  const standing = reconsider(state, at);
  const tried = applyRules(state, { rules, version: state.rulesVersion }, at) ?? standing;
  const ofSide = (side: Side): SideOutlook => ({
    now: standing.state[side].ledger.asked,
    after: tried.state[side].ledger.asked,
    isWritten: writeOf(tried, side) !== writeOf(standing, side),
  });
  return { userId, teams: ofSide('teams'), ringCentral: ofSide('ringCentral') };
}

function writeOf({ wishes }: Decision, side: Side): string | undefined {
  const wish = wishes.find((each) => each.side === side);
  return wish && JSON.stringify(wish.write);
}

/** Counts a page of people. */
export function tally(outlooks: readonly Outlook[]): Omit<PreviewPage, 'isLast'> {
  const ofSide = (side: Side): z.infer<typeof sideTallySchema> => {
    const sides = outlooks.map((outlook) => outlook[side]);
    const rewritten = sides.filter(({ now, after, isWritten }) => now === after && isWritten).length;
    return { moves: movesOf(sides), rewritten };
  };
  const changed = outlooks.filter((outlook) => sideSchema.options.some((side) => isChanged(outlook[side])));
  return {
    people: outlooks.length,
    teams: ofSide('teams'),
    ringCentral: ofSide('ringCentral'),
    changed: changed.map(({ userId }) => userId),
  };
}

function movesOf(sides: readonly SideOutlook[]): Moves {
  const moves = noMoves();
  for (const { now, after } of sides) moves[now ?? 'nothing'][after ?? 'nothing'] += 1;
  return moves;
}

function noMoves(): Moves {
  const row = () => Object.fromEntries(heldSchema.options.map((held) => [held, 0])) as Record<Held, number>;
  return Object.fromEntries(heldSchema.options.map((held) => [held, row()])) as Moves;
}

function isChanged({ now, after, isWritten }: SideOutlook): boolean {
  return now !== after || isWritten;
}

interface SideSummary {
  /** How many people each side holds what for. */
  now: Record<Held, number>;
  after: Record<Held, number>;
  /** From what to what, and for how many. */
  changes: { from: Held; to: Held; people: number }[];
  /** For how many what is held would stay and be written in another way. */
  rewritten: number;
}

export interface PreviewSummary extends Record<Side, SideSummary> {
  people: number;
  changing: number;
  /** Those for whom anything would be another, the first of them where there are very many. */
  userIds: string[];
}

const mostUserIds = 1000;

/** All pages together, as the customer is told. */
export function summarize(pages: readonly PreviewPage[]): PreviewSummary {
  const changed = pages.flatMap((page) => page.changed);
  return {
    people: pages.reduce((sum, { people }) => sum + people, 0),
    changing: changed.length,
    teams: summarizeSide(pages.map(({ teams }) => teams)),
    ringCentral: summarizeSide(pages.map(({ ringCentral }) => ringCentral)),
    userIds: changed.slice(0, mostUserIds),
  };
}

function summarizeSide(tallies: readonly z.infer<typeof sideTallySchema>[]): SideSummary {
  const sum = (count: (tally: z.infer<typeof sideTallySchema>) => number): number =>
    tallies.reduce((total, one) => total + count(one), 0);
  const people = (from: Held, to: Held): number => sum(({ moves }) => moves[from][to]);
  const kinds = heldSchema.options;
  const byHeld = (count: (held: Held) => number) =>
    Object.fromEntries(kinds.map((held) => [held, count(held)])) as Record<Held, number>;
  const total = (counts: number[]): number => counts.reduce((one, other) => one + other, 0);
  const moved = kinds.flatMap((from) =>
    kinds.filter((to) => to !== from).map((to) => ({ from, to, people: people(from, to) })),
  );
  return {
    now: byHeld((from) => total(kinds.map((to) => people(from, to)))),
    after: byHeld((to) => total(kinds.map((from) => people(from, to)))),
    changes: moved.filter((change) => change.people > 0),
    rewritten: sum(({ rewritten }) => rewritten),
  };
}
