// Writes src/api/operations.ts: method, path, least role and whether it has pages of every operation in the API's description.
import { readFileSync, writeFileSync } from 'node:fs';

const description = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url)));
const operations = {};
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    operations[operation.operationId] = {
      method: method.toUpperCase(),
      path,
      role: operation['x-fileferry-role'],
      pages: (operation.parameters ?? []).some(({ name }) => name === 'cursor'),
    };
  }
}
const sorted = Object.fromEntries(Object.entries(operations).sort(([a], [b]) => a.localeCompare(b)));
writeFileSync(
  new URL('../src/api/operations.ts', import.meta.url),
  `// Made from docs/openapi.json by \`npm run generate\`.\nexport const operations = ${JSON.stringify(sorted, null, 2)} as const;\n`,
);
