import { describe, expect, test } from '@jest/globals';
import { readRingCentralNotification } from '../../../clients/ring-central/notifications.ts';

const event = {
  uuid: '1787755531108376563',
  event: '/restapi/v1.0/account/111/extension/222/presence',
  timestamp: '2026-01-05T10:00:00.123Z',
  subscriptionId: 's1',
  ownerId: '222',
  body: {
    extensionId: '222',
    sequence: 2698,
    telephonyStatus: 'NoCall',
    userStatus: 'Available',
    novel: [1],
  },
};
const read = {
  uuid: '1787755531108376563',
  subscriptionId: 's1',
  timestamp: new Date('2026-01-05T10:00:00.123Z'),
  sequence: 2698,
  presence: { extensionId: '222', telephonyStatus: 'NoCall', userStatus: 'Available' },
};

describe('a RingCentral notification', () => {
  test('tells what changed in the presence of an extension', () => {
    expect(readRingCentralNotification(event)).toEqual(read);
  });

  test('may have ids as numbers, an old time zone and a query', () => {
    const old = {
      ...event,
      uuid: 1,
      event: `${event.event}?detailedTelephonyState=true`,
      timestamp: '2026-01-05T11:00:00.123+0100',
      body: { ...event.body, extensionId: 222, sequence: '2698', meetingStatus: null, userStatus: 5 },
    };
    expect(readRingCentralNotification(old)).toEqual({
      ...read,
      uuid: '1',
      presence: { extensionId: '222', telephonyStatus: 'NoCall' },
    });
  });

  test('says only what it knows', () => {
    const { uuid, subscriptionId } = event;
    const sparse = {
      uuid,
      subscriptionId,
      event: event.event,
      timestamp: 'yesterday',
      body: { sequence: null },
    };
    expect(readRingCentralNotification(sparse)).toEqual({
      uuid,
      subscriptionId,
      presence: { extensionId: '222' },
    });
  });

  test.each([
    undefined,
    null,
    '',
    {},
    { ...event, subscriptionId: undefined },
    { ...event, event: '/restapi/v1.0/account/111/extension' },
    { ...event, event: '/restapi/v1.0/subscription/~?threshold=60&interval=15', body: { expiresIn: 59 } },
    { ...event, event: '/restapi/v1.0/subscription/~?threshold=60&interval=15', body: null },
    { ...event, event: '/restapi/v1.0/account/111/presence', body: {} },
    { ...event, body: 'text', event: '/restapi/v1.0/account/111/presence' },
  ])('is not %j', (body) => {
    expect(readRingCentralNotification(body)).toBeUndefined();
  });
});
