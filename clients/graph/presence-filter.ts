/** The `resource` of a presence subscription at Microsoft Graph: which users it watches. */

/** The resource that watches these users (Microsoft Graph, "Change notifications for presence": at most 650 ids). */
export function presenceResource(userIds: readonly string[]): string {
  const quoted = userIds.map((userId) => `'${userId.replaceAll("'", "''")}'`);
  return `/communications/presences?$filter=id in (${quoted.join(',')})`;
}

/**
 * The ids a resource watches, in lower case; undefined when it is no presence resource. Takes Graph's own spellings:
 * with and without a leading slash or version, percent-encoded, for one user by path or by key.
 */
export function watchedUserIds(resource: string): readonly string[] | undefined {
  const [path, query] = splitOnce(decode(resource), '?');
  const found = /^(?:v1\.0\/|beta\/)?communications\/presences(?:\/([^/]+)|\('([^']+)'\))?\/?$/i.exec(
    path.replace(/^\/+/, ''),
  );
  if (found === null) return undefined;
  const single = found[1] ?? found[2];
  if (single !== undefined) return [single.toLowerCase()];
  const list = /\$filter=\s*id\s+in\s*\(([^)]*)\)/i.exec(query)?.[1];
  if (list === undefined) return undefined;
  return [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, id = '']) => id.replaceAll("''", "'").toLowerCase());
}

/** Whether an existing subscription watches exactly these users, in whatever order. */
export function watchesExactly(resource: string, userIds: readonly string[]): boolean {
  const watched = watchedUserIds(resource);
  if (watched === undefined) return false;
  const wanted = new Set(userIds.map((userId) => userId.toLowerCase()));
  return new Set(watched).size === wanted.size && watched.every((userId) => wanted.has(userId));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
