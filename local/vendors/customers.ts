/** Makes customers: the same people at Microsoft and at RingCentral, who have let the apps in on both sides. */
import type { Application } from './entra/grants.ts';
import type { DirectoryUser } from './entra/directory.ts';
import type { Entra } from './entra/entra.ts';
import { company, person } from './people.ts';
import type { RingCentralSimulator } from './ring-central/ring-central.ts';
import type { Collection } from './vendor-data.ts';

/** What a customer's consents leave in an application's hands. */
export interface CustomerGrants {
  readonly serviceUsers: readonly { readonly userId: string; readonly refreshToken: string }[];
  readonly ringCentral: { readonly refreshToken: string };
}

export interface NewCustomer extends CustomerGrants {
  readonly microsoftTenantId: string;
  readonly ringCentralAccountId: string;
  readonly users: readonly (DirectoryUser & {
    readonly extensionId: string;
    readonly extensionNumber: string;
  })[];
}

/** Which RingCentral account goes with a Microsoft tenant, and who authorises apps there. */
export interface CustomerRecord {
  readonly ringCentralAccountId: string;
  readonly adminExtensionId: string;
}

const usersPerServiceUser = 650;
/** Where customers are made. */
export interface Vendored {
  readonly entra: Entra;
  readonly application: Application;
  readonly ringCentral: RingCentralSimulator;
  /** By Microsoft tenant id. */
  readonly customers: Collection<CustomerRecord>;
}

export interface CustomerWish {
  readonly users: number;
  readonly newCallHandling?: boolean | undefined;
  /** One for each started 650 users, unless said. */
  readonly serviceUsers?: number | undefined;
}

/** A Microsoft tenant with so many licensed users, and a RingCentral account with an extension for each. */
export function createCustomer(
  at: Vendored,
  { users, newCallHandling = false, serviceUsers = Math.ceil(users / usersPerServiceUser) }: CustomerWish,
): NewCustomer {
  const { entra, ringCentral } = at;
  const { name, domain } = company(entra.directory.tenants().length - 1);
  const { tenantId } = entra.directory.addTenant(name, domain);
  const people = Array.from({ length: users }, (_, number) => person(number, domain));
  const members = people.map(({ givenName, surname, mail, department, jobTitle, phone }) =>
    entra.directory.addUser({
      tenantId,
      displayName: `${givenName} ${surname}`,
      givenName,
      surname,
      mail,
      userPrincipalName: mail,
      jobTitle,
      department,
      businessPhones: [phone],
      accountEnabled: true,
      licensed: true,
    }),
  );
  for (let number = 1; number <= serviceUsers; number += 1) {
    addServiceUser(entra, { tenantId, domain }, number);
  }
  const account = ringCentral.createAccount({
    people: people.map(({ givenName, surname, mail, phone }) => ({
      firstName: givenName,
      lastName: surname,
      mail,
      businessPhone: phone,
      queueMember: true,
    })),
    newCallHandling,
  });
  at.customers.put(tenantId, {
    ringCentralAccountId: account.accountId,
    adminExtensionId: account.adminExtensionId,
  });
  return {
    microsoftTenantId: tenantId,
    ringCentralAccountId: account.accountId,
    users: members.map((member, index) => {
      const { extensionId = '', extensionNumber = '' } = account.extensions[index] ?? {};
      return { ...member, extensionId, extensionNumber };
    }),
    serviceUsers: grantAccess(at, tenantId),
    ringCentral: { refreshToken: account.refreshToken },
  };
}

const serviceUserPrefix = 'presence-service-';

function addServiceUser(entra: Entra, tenant: { tenantId: string; domain: string }, number: number): void {
  const name = `${serviceUserPrefix}${number}`;
  entra.directory.addUser({
    tenantId: tenant.tenantId,
    displayName: `Presence service ${number}`,
    givenName: 'Presence',
    surname: `Service ${number}`,
    mail: `${name}@${tenant.domain}`,
    userPrincipalName: `${name}@${tenant.domain}`,
    jobTitle: null,
    department: null,
    businessPhones: [],
    accountEnabled: true,
    licensed: false,
  });
}

/** Both sides' administrators let the apps in again. @throws Error for an unknown tenant */
export function consentAgain(at: Vendored, microsoftTenantId: string): CustomerGrants {
  const customer = at.customers.get(microsoftTenantId);
  if (customer === undefined)
    throw new Error(`There is no customer with the Microsoft tenant ${microsoftTenantId}.`);
  return {
    serviceUsers: grantAccess(at, microsoftTenantId),
    ringCentral: at.ringCentral.authorize(customer.adminExtensionId),
  };
}

/** The administrator consents, and each service user signs in. */
function grantAccess({ entra, application }: Vendored, tenantId: string): CustomerGrants['serviceUsers'] {
  entra.grants.consent(tenantId, application);
  return serviceUsersOf(entra, tenantId).map((user) => {
    const grant = entra.grants.grant(user, application.clientId, application.scopes);
    return { userId: user.userId, refreshToken: entra.grants.refreshToken(grant) };
  });
}

/** In the order in which they were made. */
export function serviceUsersOf(entra: Entra, tenantId: string): { tenantId: string; userId: string }[] {
  const numberOf = (name: string): number => Number.parseInt(name.slice(serviceUserPrefix.length), 10);
  return entra.directory
    .usersOf(tenantId)
    .filter(({ userPrincipalName }) => userPrincipalName.startsWith(serviceUserPrefix))
    .sort((one, other) => numberOf(one.userPrincipalName) - numberOf(other.userPrincipalName));
}
