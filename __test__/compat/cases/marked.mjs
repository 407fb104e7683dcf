// does: tables, code, links, an extension, a renderer of its own
// packages: marked
import assert from 'node:assert/strict';
import { Marked } from 'marked';
console.log('COMPAT LOADED');

const marked = new Marked({ gfm: true });
marked.use({ renderer: { heading: ({ tokens, depth }) => `<h${depth} class="own">${tokens[0].raw}</h${depth}>` } });
const html = await marked.parse('# Title\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n```js\nx < 1\n```\n\n[link](https://example.com)');
for (const part of ['<h1 class="own">Title</h1>', '<strong>2</strong>', 'x &lt; 1', '<a href="https://example.com">link</a>']) assert.ok(html.includes(part), html);
assert.equal(marked.parseInline('*a*'), '<em>a</em>');
console.log('COMPAT OK marked');
