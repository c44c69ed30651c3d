/** The page on which somebody of a RingCentral account signs in: no passwords, a button for each person. */
import type { Extension } from './model.ts';

/** `request` comes back with the form, beside the id of the extension that was chosen. */
export function signInPage(
  request: Readonly<Record<string, string | undefined>>,
  users: readonly Extension[],
): string {
  const hidden = Object.entries(request).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value ?? '')}">`,
  );
  const buttons = users.map(
    ({ extensionId, mail, accountId }) =>
      `<p><button name="extension_id" value="${escaped(extensionId)}">${escaped(mail)}, account ${escaped(accountId)}</button></p>`,
  );
  return `<!doctype html>
<html lang="en">
<title>RingCentral (simulated)</title>
<h1>Sign in to RingCentral (simulated)</h1>
<form method="post" action="/restapi/oauth/authorize">
${[...hidden, ...buttons].join('\n')}
<p><button>Refuse</button></p>
</form>
</html>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
