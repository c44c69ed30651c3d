/** What a customer's administrators do with their people at both vendors: hire, rename, license, let go. */
import { Hono } from 'hono';
import { z } from 'zod';
import { openStore } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';
import type { Vendors } from '../vendors/vendors.ts';
import { databaseFile } from './app-settings.ts';
import { bodyOf, known } from './control-answers.ts';

const name = z.string().min(1).max(100);
const mail = z.string().min(3).max(300);
const phone = z.string().min(3).max(30);

const newPersonSchema = z.strictObject({
  givenName: name,
  surname: name,
  mail: mail.optional(),
  phone: phone.optional(),
  /** Where they are known. */
  at: z
    .array(z.enum(['microsoft', 'ringCentral']))
    .min(1)
    .default(['microsoft', 'ringCentral']),
  licensed: z.boolean().default(true),
  guest: z.boolean().default(false),
});
type NewPerson = z.infer<typeof newPersonSchema>;

const userChangeSchema = z.strictObject({
  displayName: name.optional(),
  givenName: name.optional(),
  surname: name.optional(),
  mail: mail.optional(),
  userPrincipalName: mail.optional(),
  department: name.nullable().optional(),
  businessPhones: z.array(phone).max(1).optional(),
  licensed: z.boolean().optional(),
  accountEnabled: z.boolean().optional(),
});

const extensionChangeSchema = z.strictObject({
  firstName: name.optional(),
  lastName: name.optional(),
  mail: mail.optional(),
  businessPhone: phone.optional(),
  status: z.enum(['Enabled', 'Disabled', 'Frozen', 'NotActivated', 'Unassigned']).optional(),
});

const idSchema = z.union([z.guid().toLowerCase(), z.string().regex(/^\d+$/)]);

/** People of `/customers/{subscriptionId}/people`: by a directory id at Microsoft, by an extension id at RingCentral. */
export function peopleRoutes({ vendors, appDataDir }: { vendors: Vendors; appDataDir: string }): Hono {
  const routes = new Hono();
  const path = '/customers/:subscriptionId/people';
  routes.post(path, async (context) => {
    const tenantId = z.guid().parse(context.req.param('subscriptionId'));
    const person = newPersonSchema.parse(await bodyOf(context));
    return known(context, async () => addPerson(vendors, await customerOf(appDataDir, tenantId), person));
  });
  routes.patch(`${path}/:id`, async (context) => {
    const id = idSchema.parse(context.req.param('id'));
    const body = await bodyOf(context);
    if (isExtension(id)) {
      const change = given(extensionChangeSchema.parse(body));
      return known(context, () => {
        vendors.ringCentral.changeExtension(id, change);
        return { changed: true };
      });
    }
    const change = given(userChangeSchema.parse(body));
    return known(context, () => {
      vendors.directory.update({ ...userOf(vendors, id), ...change });
      return { changed: true };
    });
  });
  routes.delete(`${path}/:id`, async (context) => {
    const id = idSchema.parse(context.req.param('id'));
    return known(context, () => {
      if (isExtension(id)) vendors.ringCentral.removeExtension(id);
      else vendors.directory.remove(userOf(vendors, id).userId);
      return { removed: true };
    });
  });
  return routes;
}

function addPerson(
  { directory, ringCentral }: Vendors,
  { microsoftTenantId: tenantId, ringCentralAccountId }: TenantRow,
  person: NewPerson,
): { userId?: string; extensionId?: string } {
  const { givenName, surname, phone: number, licensed, guest, at } = person;
  const domain = directory.tenant(tenantId)?.domain ?? 'example.com';
  const address = person.mail ?? `${givenName}.${surname}@${domain}`.toLowerCase();
  const added: { userId?: string; extensionId?: string } = {};
  if (at.includes('microsoft')) {
    added.userId = directory.addUser({
      tenantId,
      displayName: `${givenName} ${surname}`,
      givenName,
      surname,
      mail: address,
      // A principal name is one person's; a mail address may be more people's by mistake.
      userPrincipalName: `${givenName}.${surname}@${domain}`.toLowerCase(),
      jobTitle: null,
      department: null,
      businessPhones: number === undefined ? [] : [number],
      accountEnabled: true,
      licensed,
      guest,
    }).userId;
  }
  if (at.includes('ringCentral')) {
    added.extensionId = ringCentral.addPerson(ringCentralAccountId, {
      firstName: givenName,
      lastName: surname,
      mail: address,
      ...(number !== undefined && { businessPhone: number }),
    }).extensionId;
  }
  return added;
}

async function customerOf(appDataDir: string, tenantId: string): Promise<TenantRow> {
  const store = await openStore({ file: databaseFile(appDataDir) });
  try {
    const tenant = await store.tenants.find(tenantId);
    if (tenant === undefined) throw new Error('There is no such customer.');
    return tenant;
  } finally {
    await store.close();
  }
}

function userOf({ directory }: Vendors, userId: string) {
  const user = directory.user(userId);
  if (user === undefined) throw new Error(`Microsoft Entra ID knows no user ${userId}.`);
  return user;
}

function isExtension(id: string): boolean {
  return /^\d+$/.test(id);
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Only what was given. */
function given<T extends object>(change: T): Given<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Given<T>;
}
