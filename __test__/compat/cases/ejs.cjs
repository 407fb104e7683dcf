// does: control flow, includes from files, escaping, asynchronous templates (compiled by Function)
// packages: ejs
'use strict';
const assert = require('node:assert/strict');
const ejsModule = require('ejs');
console.log('COMPAT LOADED');

/* file: views/page.ejs
<h1><%= title %></h1><% for (const item of items) { %><%- include('item', { item }) %><% } %>
*/
/* file: views/item.ejs
<li><%= item %></li>
*/
const ejs = ejsModule.default ?? ejsModule;
async function main() {
  const html = await ejs.renderFile(`${__dirname}/views/page.ejs`, { title: '<t>', items: [1, 2] });
  assert.equal(html.replaceAll('\n', ''), '<h1>&lt;t&gt;</h1><li>1</li><li>2</li>');
  assert.equal(await ejs.render('<%= await later() %>', { later: async () => 'now' }, { async: true }), 'now');
  assert.throws(() => ejs.render('<%= missing %>'), /missing is not defined/);
  console.log('COMPAT OK ejs');
}
main();
