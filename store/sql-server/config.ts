/** How the app reaches Azure SQL or another SQL Server: always encrypted, with an Entra token or a password. */
import { ManagedIdentityCredential } from '@azure/identity';
import type { config as SqlServerConfig } from 'mssql';

export interface SqlServerSettings {
  readonly server: string;
  readonly port: number;
  readonly database: string;
  /** The app's managed identity, or a login of the server's own. */
  readonly login: 'managedIdentity' | { readonly user: string; readonly password: string };
  /** Off only for a server on this very machine, where nothing leaves it. */
  readonly encrypt: boolean;
  /** On for servers with a certificate of their own making. */
  readonly trustServerCertificate: boolean;
}

/** Longest that connecting or one statement may take, in milliseconds: a serverless database needs up to a minute to wake. */
const connectTimeoutMs = 60_000;
const requestTimeoutMs = 30_000;

/** The settings in mssql's words. */
export function sqlServerConfig(settings: SqlServerSettings): SqlServerConfig {
  const { server, port, database, login, encrypt, trustServerCertificate } = settings;
  const authentication: SqlServerConfig['authentication'] =
    login === 'managedIdentity'
      ? { type: 'token-credential', options: { credential: new ManagedIdentityCredential() } }
      : { type: 'default', options: { userName: login.user, password: login.password } };
  return {
    server,
    port,
    database,
    authentication,
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    pool: { max: 10, min: 0, idleTimeoutMillis: 60_000 },
    options: { encrypt, trustServerCertificate, appName: 'Presence Hub', enableArithAbort: true },
  };
}
