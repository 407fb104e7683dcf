// does: renders on the server: templates compiled at run time (by Function), reactivity, slots, asynchronous set-up
// packages: vue, @vue/server-renderer
import assert from 'node:assert/strict';
import { renderToString } from '@vue/server-renderer';
import { computed, createSSRApp, effect, h, reactive, ref } from 'vue';
console.log('COMPAT LOADED');

const Item = { props: ['n'], template: '<li :class="{ big: double > 2 }"><slot :double="double"/></li>', setup: ({ n }) => ({ double: computed(() => n * 2) }) };
const Late = { async setup() {
  await new Promise((resolve) => setTimeout(resolve, 2));
  return () => h('b', 'late');
} };
const app = createSSRApp({
  components: { Item, Late },
  setup: () => ({ items: ref([1, 2]), title: '<t>' }),
  template: '<h1>{{ title }}</h1><Item v-for="n in items" :key="n" :n="n" v-slot="{ double }">{{ double }}</Item><Late/>',
});
assert.equal(await renderToString(app), '<!--[--><h1>&lt;t&gt;</h1><!--[--><li class=""><!--[-->2<!--]--></li><li class="big"><!--[-->4<!--]--></li><!--]--><b>late</b><!--]-->');
const state = reactive({ list: [1] });
let seen;
effect(() => (seen = state.list.length));
state.list.push(2);
assert.equal(seen, 2);
console.log('COMPAT OK vue');
