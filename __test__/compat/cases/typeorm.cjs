// does: entities, relations, query builder, transactions, a migration against PostgreSQL (compiled to WebAssembly, on a socket)
// packages: typeorm, reflect-metadata, pg
// peers: postgres
// grant: typeorm {"imports":["pg"]}
'use strict';
require('reflect-metadata');
const assert = require('node:assert/strict');
const { DataSource, EntitySchema, MoreThan } = require('typeorm');
console.log('COMPAT LOADED');

const User = new EntitySchema({
  name: 'users_of_typeorm',
  columns: { id: { type: Number, primary: true, generated: true }, name: { type: String, unique: true }, tags: { type: 'simple-array', default: '' } },
  relations: { posts: { type: 'one-to-many', target: 'posts_of_typeorm', inverseSide: 'user', cascade: true } },
});
const Post = new EntitySchema({
  name: 'posts_of_typeorm',
  columns: { id: { type: Number, primary: true, generated: true }, title: { type: String }, likes: { type: Number } },
  relations: { user: { type: 'many-to-one', target: 'users_of_typeorm', inverseSide: 'posts' } },
});

async function main() {
  const source = new DataSource({ type: 'postgres', host: '127.0.0.1', port: Number(process.env.COMPAT_POSTGRES), username: 'postgres', password: 'postgres', database: 'postgres', entities: [User, Post], dropSchema: true, synchronize: true, poolSize: 2 });
  await source.initialize();
  const users = source.getRepository(User);
  await users.save({ name: 'ann', tags: ['a', 'b'], posts: [{ title: 'one', likes: 1 }, { title: 'two', likes: 2 }] });
  const [ann] = await users.find({ where: { posts: { likes: MoreThan(0) } }, relations: { posts: true }, order: { posts: { likes: 'DESC' } } });
  assert.deepEqual([ann.name, ann.tags, ann.posts.map(({ title }) => title)], ['ann', ['a', 'b'], ['two', 'one']]);
  const best = await source.createQueryBuilder(Post, 'post').select('max(post.likes)', 'likes').innerJoin('post.user', 'user').where('user.name = :name', { name: 'ann' }).getRawOne();
  assert.equal(Number(best.likes), 2);
  await assert.rejects(
    source.transaction(async (manager) => {
      await manager.save(User, { name: 'bob' });
      throw new Error('roll back');
    }),
    /roll back/,
  );
  assert.equal(await users.count(), 1);
  await assert.rejects(users.insert({ name: 'ann' }), { name: 'QueryFailedError' });
  await source.destroy();
  console.log('COMPAT OK typeorm');
}
main();
