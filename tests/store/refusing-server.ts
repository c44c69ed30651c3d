/** As much of SQL Server's protocol (MS-TDS) as it takes to refuse a login, or never to answer. */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

const packet = { preLogin: 0x12, login: 0x10, response: 0x04 };
const endOfMessage = 0x01;

export interface RefusingServer {
  readonly port: number;
  /** The types of the packets that clients have sent. */
  readonly received: readonly number[];
  close(): Promise<void>;
}

/** A server on this machine. `refusal` is the number it refuses each login with; without one it never says a word. */
export async function refusingServer(refusal?: number, port = 0): Promise<RefusingServer> {
  const received: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      const type = data.readUInt8(0);
      received.push(type);
      if (refusal === undefined) return;
      socket.write(message(type === packet.preLogin ? withoutEncryption() : loginError(refusal)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port of this machine where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await refusingServer();
  await server.close();
  return server.port;
}

function message(payload: Buffer): Buffer {
  const header = Buffer.from([packet.response, endOfMessage, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(header.length + payload.length, 2);
  return Buffer.concat([header, payload]);
}

/** Options VERSION and ENCRYPTION, the latter "not supported". */
function withoutEncryption(): Buffer {
  return Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2]);
}

/** The tokens ERROR and DONE. */
function loginError(number: number): Buffer {
  const text = Buffer.from('Login failed for ada@example.com.', 'utf16le');
  const error = Buffer.alloc(3 + 6 + 2 + text.length + 2 + 4);
  error.writeUInt8(0xaa, 0);
  error.writeUInt16LE(error.length - 3, 1);
  error.writeUInt32LE(number, 3);
  error.writeUInt8(1, 7);
  error.writeUInt8(14, 8);
  error.writeUInt16LE(text.length / 2, 9);
  text.copy(error, 11);
  const done = Buffer.from([0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([error, done]);
}
