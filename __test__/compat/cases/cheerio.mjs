// does: parses, selects, changes and prints HTML
// packages: cheerio
import assert from 'node:assert/strict';
import * as cheerio from 'cheerio';
console.log('COMPAT LOADED');

const $ = cheerio.load('<ul><li class="a">1</li><li>2</li></ul><p data-x=\'{"y":1}\'>text</p>');
assert.equal($('li').map((i, node) => $(node).text()).get().join(), '1,2');
$('li.a').addClass('b').after('<li>1.5</li>');
assert.equal($('ul').html(), '<li class="a b">1</li><li>1.5</li><li>2</li>');
assert.equal($('p').data('x').y, 1);
assert.deepEqual($.extract({ items: ['li'] }), { items: ['1', '1.5', '2'] });
assert.equal(cheerio.load('<a><b/></a>', { xml: true }).xml(), '<a><b/></a>');
console.log('COMPAT OK cheerio');
