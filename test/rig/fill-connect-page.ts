/** Fills in the page behind a connect link as a browser would, without one. Answers where it leads in the end. */
export async function fillConnectPage(
  url: string,
  credentials: { username: string; password: string },
): Promise<{ status: number; location: string | null; page: string }> {
  const opened = await fetch(url, {
    headers: { accept: 'text/html', 'user-agent': 'Mozilla/5.0 (X11) Gecko Firefox' },
  });
  const html = await opened.text();
  const cookie = opened.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  const form = new URLSearchParams(hidden.map(([, name = '', value = '']): [string, string] => [name, value]));
  for (const [name, value] of Object.entries({ ...credentials, answer: 'connect' })) form.set(name, value);
  const posted = await fetch(url, { method: 'POST', headers: { cookie }, body: form, redirect: 'manual' });
  return { status: posted.status, location: posted.headers.get('location'), page: await posted.text() };
}
