import t from 'tap';
import { launchBrowser } from '../support/browser.ts';
import { letBrowserIn } from '../support/owner.ts';
import { startProduct, until } from '../support/product.ts';
import { begin } from '../support/talk.ts';

t.setTimeout(120_000);

await t.test('a push message becomes a notification, and a click on it opens the conversation', async (t) => {
  await using product = await startProduct();
  await using browser = await launchBrowser();
  const { context } = browser;
  await letBrowserIn(product, context);
  await context.grantPermissions(['notifications'], { origin: product.url });
  const conversation = await begin(product);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const registrations: string[] = [];
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: found }) => {
    for (const { registrationId, isDeleted } of found) if (!isDeleted) registrations.push(registrationId);
  });
  await session.send('ServiceWorker.enable');
  await page.goto(`${product.url}/settings/notifications`);
  await page.getByRole('heading', { name: 'Notifications', level: 1 }).waitFor();
  await page.getByText('None is told yet.').waitFor();
  await page.getByRole('button', { name: 'Turn on here' }).waitFor();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const registrationId = await until('the worker is registered', () => registrations.at(-1));
  const path = `conversations/${conversation}`;
  const told = { v: 1, title: 'Assistant', body: 'has answered.', path, tag: path };
  const deliver = (data: string): Promise<unknown> =>
    session.send('ServiceWorker.deliverPushMessage', { origin: product.url, registrationId, data });
  const shown = () =>
    page.evaluate(async () =>
      (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data }) => ({
        title,
        body,
        tag,
        data: data as unknown,
      })),
    );
  // A worker that has only just come does not hear everything; who has the same tag takes the place of the one before.
  await until('the notification is shown', async () => {
    await deliver(JSON.stringify(told));
    await page.waitForTimeout(500);
    return (await shown()).length === 1;
  });
  t.strictSame(await shown(), [{ title: 'Assistant', body: 'has answered.', tag: path, data: { path } }]);
  await deliver(JSON.stringify({ ...told, body: 'asks for approval: time' }));
  await until('the next takes its place', async () => (await shown())[0]?.body === 'asks for approval: time');
  t.equal((await shown()).length, 1);

  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  await worker.evaluate(async () => {
    const self = globalThis as unknown as EventTarget & { registration: ServiceWorkerRegistration };
    const [notification] = await self.registration.getNotifications();
    const event = Reflect.construct(Reflect.get(globalThis, 'NotificationEvent') as new () => Event, [
      'notificationclick',
      { notification },
    ]);
    self.dispatchEvent(event);
  });
  await page.waitForURL(`${product.url}/${path}`);
  await until('it is put away', async () => (await shown()).length === 0);
});
