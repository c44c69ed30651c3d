/**
 * Who is who: which person in the Microsoft directory has which RingCentral extension. The same answer comes of the same
 * people in any order, and of its own result.
 */

/** As much of a person as they are known by. */
export interface MatchedUser {
  userId: string;
  mail: string | null;
  userPrincipalName: string | null;
  businessPhones: readonly string[];
}

/** As much of an extension as it is known by. */
export interface MatchedExtension {
  extensionId: string;
  mail: string | null;
  /** The direct number. */
  phone: string | null;
}

export interface Pair {
  userId: string;
  extensionId: string;
}

/** People or extensions that share mail addresses, so that nobody can tell who is meant. */
interface Duplicates {
  /** In lower case. */
  mails: string[];
  userIds: string[];
  extensionIds: string[];
}

export interface Matching {
  pairs: Pair[];
  unmatchedUserIds: string[];
  unmatchedExtensionIds: string[];
  duplicates: Duplicates[];
}

interface Known {
  users: readonly MatchedUser[];
  extensions: readonly MatchedExtension[];
  /** Who is mapped already, one to one. */
  existing: readonly Pair[];
}

/**
 * Mail addresses decide first: an address that stands for one person and one extension makes them one. Then whoever is mapped
 * stays so, unless an address says otherwise of either: a change of name tears nobody apart, an extension that was handed
 * on goes to its new owner. Then direct numbers, where a number is one person's and one extension's. All lists come in the
 * order of their ids.
 */
export function matchPeople({ users, extensions, existing }: Known): Matching {
  const groups = groupsByMail(users, extensions);
  const paired = new Pairing();
  const shared = groups.filter(isShared);
  for (const group of groups) if (!isShared(group)) pairAlone(paired, group);
  const present = new Set([...users.map(({ userId }) => userId), ...extensions.map(idOfExtension)]);
  for (const { userId, extensionId } of existing) {
    if (present.has(userId) && present.has(extensionId)) paired.add(userId, extensionId);
  }
  const unclear = new Set(shared.flatMap((group) => [...group.userIds, ...group.extensionIds]));
  for (const { userId, extensionId } of pairsByNumber(users, extensions)) {
    if (!unclear.has(userId) && !unclear.has(extensionId)) paired.add(userId, extensionId);
  }
  const isAlone = (id: string): boolean => !paired.has(id) && !unclear.has(id);
  return {
    pairs: paired.all(),
    unmatchedUserIds: inOrder(users.map(({ userId }) => userId).filter(isAlone)),
    unmatchedExtensionIds: inOrder(extensions.map(idOfExtension).filter(isAlone)),
    duplicates: shared,
  };
}

/** The number in E.164 without signs that people write for the eye; undefined where it is not international. */
export function plainNumber(number: string): string | undefined {
  const plain = number.replaceAll(/[\s().\-/]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(plain) ? plain : undefined;
}

/** Pairs of which no two have a part in common: the first come keep what they have. */
class Pairing {
  readonly #extensionOf = new Map<string, string>();
  readonly #taken = new Set<string>();

  add(userId: string, extensionId: string): void {
    if (this.has(userId) || this.has(extensionId)) return;
    this.#extensionOf.set(userId, extensionId);
    this.#taken.add(userId).add(extensionId);
  }

  has(id: string): boolean {
    return this.#taken.has(id);
  }

  all(): Pair[] {
    return inOrder([...this.#extensionOf.keys()]).map((userId) => ({
      userId,
      extensionId: this.#extensionOf.get(userId) ?? '',
    }));
  }
}

function isShared({ userIds, extensionIds }: Duplicates): boolean {
  return userIds.length > 1 || extensionIds.length > 1;
}

function pairAlone(paired: Pairing, { userIds, extensionIds }: Duplicates): void {
  const [[userId], [extensionId]] = [userIds, extensionIds];
  if (userId !== undefined && extensionId !== undefined) paired.add(userId, extensionId);
}

/** Everybody who is connected by addresses, however indirectly: a person may have two, of which another has one. */
function groupsByMail(users: readonly MatchedUser[], extensions: readonly MatchedExtension[]): Duplicates[] {
  const holders = new Map<string, string[]>();
  const mailsOf = new Map<string, string[]>();
  const note = (id: string, addresses: readonly (string | null)[]): void => {
    const mails = [
      ...new Set(addresses.filter((mail): mail is string => mail !== null && mail !== '').map(lowerCase)),
    ];
    mailsOf.set(id, mails);
    for (const mail of mails) {
      const known = holders.get(mail);
      if (known === undefined) holders.set(mail, [id]);
      else known.push(id);
    }
  };
  for (const { userId, mail, userPrincipalName } of users) note(userId, [mail, userPrincipalName]);
  for (const { extensionId, mail } of extensions) note(extensionId, [mail]);
  const isUser = new Set(users.map(({ userId }) => userId));
  const groups: Duplicates[] = [];
  const seen = new Set<string>();
  for (const id of inOrder([...mailsOf.keys()])) {
    if (seen.has(id) || mailsOf.get(id)?.length === 0) continue;
    const ids = connected(id, mailsOf, holders);
    for (const each of ids) seen.add(each);
    groups.push({
      mails: inOrder([...new Set(ids.flatMap((each) => mailsOf.get(each) ?? []))]),
      userIds: ids.filter((each) => isUser.has(each)),
      extensionIds: ids.filter((each) => !isUser.has(each)),
    });
  }
  return groups;
}

function connected(
  from: string,
  mailsOf: ReadonlyMap<string, readonly string[]>,
  holders: ReadonlyMap<string, readonly string[]>,
): string[] {
  const found = new Set([from]);
  /** Very many may share an address. */
  const walked = new Set<string>();
  // A set that grows while it is walked is walked to its new end.
  for (const id of found) {
    for (const mail of mailsOf.get(id) ?? []) {
      if (walked.has(mail)) continue;
      walked.add(mail);
      for (const other of holders.get(mail) ?? []) found.add(other);
    }
  }
  return inOrder([...found]);
}

/** A number that several people or extensions have, such as the company's own, says nothing. */
function pairsByNumber(users: readonly MatchedUser[], extensions: readonly MatchedExtension[]): Pair[] {
  const userOf = onlyHolders(users.map((user) => [user.userId, user.businessPhones]));
  const extensionOf = onlyHolders(
    extensions.map(({ extensionId, phone }) => [extensionId, phone === null ? [] : [phone]]),
  );
  const pairs = [...userOf].flatMap(([number, userId]) => {
    const extensionId = extensionOf.get(number);
    return extensionId === undefined ? [] : [{ userId, extensionId }];
  });
  const extensionsOf = partners(pairs.map(({ userId, extensionId }) => [userId, extensionId]));
  const usersOf = partners(pairs.map(({ userId, extensionId }) => [extensionId, userId]));
  return pairs.filter(
    ({ userId, extensionId }) => extensionsOf.get(userId)?.size === 1 && usersOf.get(extensionId)?.size === 1,
  );
}

function partners(pairs: readonly [id: string, partner: string][]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [id, partner] of pairs) found.set(id, (found.get(id) ?? new Set()).add(partner));
  return found;
}

/** The numbers that one alone has, each with who that is. */
function onlyHolders(holders: readonly [id: string, numbers: readonly string[]][]): Map<string, string> {
  const idsOf = partners(
    holders.flatMap(([id, numbers]) =>
      numbers.flatMap((each): [string, string][] => {
        const number = plainNumber(each);
        return number === undefined ? [] : [[number, id]];
      }),
    ),
  );
  const alone = [...idsOf].filter(([, ids]) => ids.size === 1);
  return new Map(alone.map(([number, [id = '']]) => [number, id]));
}

function idOfExtension({ extensionId }: MatchedExtension): string {
  return extensionId;
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}

function inOrder(ids: string[]): string[] {
  return ids.toSorted();
}
