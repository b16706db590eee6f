import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * A real Chromium, driven by playwright-core. Both are installed apart, in test/clients, so what is used of them is
 * described by hand. Elements are found as people and screen readers find them: by role and name.
 */
const CLIENTS = new URL('../clients/package.json', import.meta.url);

export function browserIsInstalled(): boolean {
  return ['playwright-core', '@sparticuz/chromium'].every((name) =>
    existsSync(new URL(`node_modules/${name}/package.json`, CLIENTS)),
  );
}

export interface Element {
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  press(key: string): Promise<void>;
  inputValue(): Promise<string>;
  innerText(): Promise<string>;
  getAttribute(name: string): Promise<string | null>;
  /** What a screen reader is told of it and all below, in YAML. */
  ariaSnapshot(): Promise<string>;
  waitFor(): Promise<void>;
  count(): Promise<number>;
}

export interface Page {
  goto(url: string): Promise<{ status(): number; headers(): Record<string, string> } | null>;
  goBack(): Promise<unknown>;
  reload(): Promise<unknown>;
  url(): string;
  title(): Promise<string>;
  waitForURL(url: string | RegExp): Promise<void>;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Element;
  getByLabel(text: string): Element;
  locator(selector: string): Element;
  evaluate<T>(expression: string): Promise<T>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  on(event: 'console', listener: (message: { text(): string }) => void): void;
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
}

export interface BrowserContext {
  newPage(): Promise<Page>;
  cookies(): Promise<{ name: string; value: string; httpOnly: boolean; sameSite: string; path: string }[]>;
  close(): Promise<void>;
}

export interface ContextOptions {
  javaScriptEnabled?: boolean;
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
}

export interface Browser {
  /** As another browser: with cookies of its own. */
  newContext(options?: ContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const from = createRequire(CLIENTS);
  const { chromium: driver } = from('playwright-core') as {
    chromium: { launch(options: Record<string, unknown>): Promise<Browser> };
  };
  const { default: chromium } = (await import(from.resolve('@sparticuz/chromium'))) as {
    default: { executablePath(): Promise<string> };
  };
  const executablePath = await chromium.executablePath();
  return driver.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] });
}
