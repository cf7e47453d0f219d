/**
 * Every example in a docstring and in the README runs, and prints what it says it prints: `console.log(x); // value`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}test/examples.generated`;

interface Example {
  readonly from: string;
  readonly code: string;
}

const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

const inDocstrings = sources.flatMap((path): Example[] => {
  const text = readFileSync(`${root}src/${path}`, 'utf8');
  return [
    ...text.matchAll(/@example\n([\s\S]*?)\n *\*\/\n(?:export )?(?:async )?(?:function|class) (\w+)/g),
  ].map(([, body = '', name]) => ({
    from: `src/${path} ${name}`,
    code: body.replace(/^ *\* ?/gm, ''),
  }));
});

// What needs a server and Seam's SDK runs with it: test/sdk/readme.test.ts.
const inReadme = [...readFileSync(`${root}README.md`, 'utf8').matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)]
  .map(([, code = ''], index): Example => ({ from: `README.md ${index + 1}`, code }))
  .filter(({ code }) => !code.includes('@seamapi/http'));

const examples = [...inDocstrings, ...inReadme];

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples', () => {
  it('are on every public function that computes something', () => {
    const names = inDocstrings.map(({ from }) => from.split(' ')[1]);
    const wanted = [
      'createToken',
      'deriveToken',
      'parseToken',
      'mint',
      'read',
      'plan',
      'zoneFacts',
      'toInstant',
      'enter',
      'issue',
      'vendorNamed',
      'conformance',
      'memoryStore',
      'apiKeyHash',
      'seamHandler',
      'defineScheme',
      'defineVendor',
      'securityReport',
      'ff1',
      'numberFf1',
      'PintumblerError',
    ];
    expect(names).toEqual(expect.arrayContaining(wanted));
    expect(inReadme.length).toBeGreaterThan(3);
    const own = inReadme.find(({ code }) => code.includes('defineVendor('));
    expect(own?.code.trimEnd().split('\n').length, 'a vendor of your own').toBeLessThan(40);
  });

  it.each(examples.map(({ from, code }, index) => [from, code, index] as const))(
    '%s',
    async (_, code, index) => {
      const expected = [...code.matchAll(/console\.log\(.*\);? *\/\/ (.*)$/gm)].map(([, value]) => value);
      const printed: string[] = [];
      const path = `${folder}/example-${index}.ts`;
      writeFileSync(
        path,
        `const console = { log: (...values: unknown[]) => out(values.join(' ')) };\nconst { out } = globalThis as unknown as { out: (line: string) => void };\n${code}\nexport {};\n`,
      );
      Object.assign(globalThis, { out: (line: string) => printed.push(line) });
      await import(path);
      expect(printed).toEqual(expected);
      expect(expected.length, 'an example shows something').toBeGreaterThan(0);
    },
  );
});
