import { pageStyle } from './page.ts';

/** The colours of the connect page. Each pair that is read together has a contrast of 4.5 at least (WCAG 2.2, AA). */
export const PALETTE = {
  light: {
    ...{ page: '#ffffff', text: '#1b1b1f', quiet: '#50535a', border: '#74777f', panel: '#f3f5fa', link: '#0b57d0' },
    ...{ error: '#b3261e', press: '#0b57d0', 'press-text': '#ffffff' },
  },
  dark: {
    ...{ page: '#131314', text: '#e6e6e9', quiet: '#b4b8c0', border: '#8e9199', panel: '#1f2023', link: '#a8c7fa' },
    ...{ error: '#f9b4ae', press: '#a8c7fa', 'press-text': '#062e6f' },
  },
} as const;

const variables = (colours: Readonly<Record<string, string>>) =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');

export const CONNECT_STYLE = pageStyle(`
:root { ${variables(PALETTE.light)} }
@media (prefers-color-scheme: dark) { :root { ${variables(PALETTE.dark)} } }
body { background: var(--page); color: var(--text); }
main { padding-block: 2rem; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
li + li { margin-top: .25rem; }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1rem; margin: 0 0 1.25rem; padding: .875rem 1rem;
  border-radius: .5rem; background: var(--panel); }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; font-weight: 600; }
dd small { display: block; font-size: .9375rem; font-weight: 400; color: var(--quiet); }
label { display: block; font-weight: 600; margin: 0 0 .25rem; }
input { box-sizing: border-box; width: 100%; min-height: 3rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--page);
  border: 1px solid var(--border); border-radius: .5rem; }
input:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
input[aria-invalid] { border: 2px solid var(--error); }
.field { margin: 0 0 1.25rem; }
.field p { margin: .375rem 0 0; }
.help, .aside { font-size: .9375rem; color: var(--quiet); opacity: 1; }
.error { font-size: .9375rem; font-weight: 600; color: var(--error); }
.summary { margin: 0 0 1.25rem; padding: .875rem 1rem; border: 2px solid var(--error); border-radius: .5rem; }
.summary:focus-visible { outline: 3px solid var(--error); outline-offset: 2px; border-radius: .5rem; }
.summary h2 { color: var(--error); }
.summary p:last-child, .summary ul:last-child { margin-bottom: 0; }
button { background: var(--press); color: var(--press-text); }
form + .aside { margin-top: 1.25rem; }
button.second { margin-top: .75rem; background: transparent; color: inherit; border-color: var(--border); }
@media (max-width: 24rem) { dl { grid-template-columns: 1fr; gap: 0; } dd + dt { margin-top: .625rem; } }
`);
